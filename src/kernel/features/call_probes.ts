// Which helpers and kernel functions programs of a type may call: each is called once, and the
// verifier's words tell. The program that calls is wrong on purpose, so none is ever loaded.
import type { Btf } from "../../btf/btf.ts";
import { declarationText } from "../../btf/type_text.ts";
import { visibleLine } from "../../view/text.ts";
import type { Attempts, ProgramAttempt } from "./attempt.ts";
import { kernelNumbers, numberedNames, uapiEnums } from "./enums.ts";
import {
  type Answer,
  type Feature,
  type Judgement,
  refusal,
  type Standing,
  untried,
} from "./feature.ts";
import { helperCall, kfuncCall } from "./instructions.ts";

const EINVAL = 22;
const notForType = "not for programs of this type";
const onCondition = "on a condition: ";

/**
 * Helpers that leave traces when a program merely might call them: two turn the event
 * bpf_trace/bpf_trace_printk on and have the kernel allocate buffers for good, and for one the
 * kernel warns in its log that user memory may be corrupted (kernel/trace/bpf_trace.c).
 */
const lasting: ReadonlySet<string> = new Set(["trace_printk", "trace_vprintk", "probe_write_user"]);

/** No such helper in this kernel. */
const NO_HELPER = /^invalid func /m;
/** Up to 6.9, and after. */
const NOT_FOR_TYPE = /^unknown func |^program of this type cannot use helper /m;
/** `calling kernel function X is not allowed`. */
const NOT_ALLOWED = /^calling kernel function \S+ is not allowed/m;
/** Functions that stand for something else, and are never called. */
const NOT_A_CALL = /^unexpected __bpf_trap/m;
/** Before 5.13 there is no such call; 5.18 has words for it. */
const NO_KFUNCS = /^unknown opcode|reserved fields|unsupported.*kernel function/im;
/** The verifier's account of the call itself: it came as far as looking at it. */
const LOOKED_AT = /^\d+: \(85\) call/m;
/** What the verifier says of what was allowed for this type, and yet refused. */
const CONDITION =
  /^(?:helper call might sleep|helper call is not allowed|program must be sleepable|.* GPL).*$/m;

/** A function that programs may call. */
export interface CallFeature extends Feature {
  /** Of a helper its number, of a kernel function its id in vmlinux BTF. */
  readonly number: number;
  /** C declaration; null for helpers, which BTF does not have. */
  readonly prototype: string | null;
}

/** What the calls of one program type are tried with. */
export interface Caller {
  /** What the kernel takes of the type. */
  readonly shape: ProgramAttempt;
  /** The same with each attach type: some calls are only for programs of certain hooks. */
  readonly variants: readonly { readonly attach: string; readonly shape: ProgramAttempt }[];
  readonly standing: Standing;
}

/** Every helper that the kernel or this program knows. */
export function probeHelpers(attempts: Attempts, caller: Caller, btf: Btf | null): CallFeature[] {
  const present = kernelNumbers(uapiEnums.helper, btf);
  return numberedNames(uapiEnums.helper, btf).map(({ name, number }) => {
    if (present !== null && !present.has(number)) {
      const why = "this kernel has no such helper";
      return { name, number, accepted: false, errno: EINVAL, why, prototype: null };
    }
    const judged = lasting.has(name)
      ? untried("not tried: it would change the kernel's settings or write to its log")
      : call(attempts, caller, "helper", helperCall(number));
    return { name, number, ...judged, prototype: null };
  });
}

/** Every kernel function that BTF marks as one for programs. */
export function probeKfuncs(attempts: Attempts, caller: Caller, btf: Btf): CallFeature[] {
  return kfuncsOf(btf).map(({ name, number }) => {
    const judged = call(attempts, caller, "kernel function", kfuncCall(number));
    return { name, number, ...judged, prototype: declarationText(btf, btf.pointee(number), name) };
  });
}

/** Functions with the tag `bpf_kfunc`, by name; empty where the kernel's BTF has no tags. */
export function kfuncsOf(btf: Btf): { name: string; number: number }[] {
  const found: { name: string; number: number }[] = [];
  for (let id = 1; id < btf.typeCount; id++) {
    if (btf.kind(id) !== "func") continue;
    if (!btf.declTags(id).some(({ value }) => value === "bpf_kfunc")) continue;
    found.push({ name: btf.name(id), number: id });
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** One call, from a program of each hook where the type alone is not enough. */
function call(
  attempts: Attempts,
  { shape, variants, standing }: Caller,
  subject: string,
  instructions: Uint8Array<ArrayBuffer>,
): Judgement {
  const plain = judgeCall(attempts.load({ ...shape, instructions }), subject, standing);
  if (plain.why !== notForType) return plain;
  const hooks = variants.filter((variant) => {
    const answer = attempts.load({ ...variant.shape, instructions });
    return judgeCall(answer, subject, standing).accepted === true;
  });
  if (hooks.length === 0) return plain;
  const names = [...new Set(hooks.map(({ attach }) => attach))].join(", ");
  return { accepted: true, errno: null, why: `${onCondition}only with attach type ${names}` };
}

function judgeCall({ errno, log }: Answer, subject: string, standing: Standing): Judgement {
  if (NO_HELPER.test(log)) {
    return { accepted: false, errno, why: `this kernel has no such ${subject}` };
  }
  if (NOT_FOR_TYPE.test(log) || NOT_ALLOWED.test(log)) {
    return { accepted: false, errno, why: notForType };
  }
  if (NOT_A_CALL.test(log)) return { accepted: false, errno, why: "not for programs to call" };
  if (NO_KFUNCS.test(log)) {
    return { accepted: false, errno, why: "programs cannot call kernel functions here" };
  }
  if (log === "") return refusal(errno, subject, standing);
  if (!LOOKED_AT.test(log)) {
    return untried(`the verifier refuses it before it looks at the type: ${firstLine(log)}`);
  }
  const condition = CONDITION.exec(log)?.[0];
  const why = condition === undefined
    ? "the verifier lets it be called"
    : `${onCondition}${condition}`;
  return { accepted: true, errno: null, why };
}

function firstLine(log: string): string {
  return visibleLine(log.split("\n", 1)[0] ?? "");
}
