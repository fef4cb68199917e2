// Which attach types the running kernel takes with which program type. Some are checked when a
// program is loaded, for others the kernel is asked for a link to nowhere: nothing is attached.
import { Fd } from "../../../ffi/fd.ts";
import { errnoName } from "../../errno.ts";
import type { Btf } from "../../btf/btf.ts";
import type { Attempts, LinkAttempt, ProgramAttempt } from "./attempt.ts";
import { type NumberedName, numberedNames, uapiEnums } from "./enums.ts";
import {
  type Answer,
  type Feature,
  judge,
  type Judgement,
  refusal,
  type Standing,
  untried,
} from "./feature.ts";
import { returnOne, returnZero } from "./instructions.ts";
import type { ProgramTypes } from "./program_types.ts";
import { targetAttempts } from "./targets.ts";

const EINVAL = 22;
const EOPNOTSUPP = 95;
/** No attach type has this number. */
const NO_ATTACH_TYPE = 0x7fff;

const loads: Judgement = { accepted: true, errno: null, why: "loads with it" };
const notCompared = "loads; the kernel looks at the hook only when something is attached";
const noBtf = "the kernel has no BTF to name a target with";
const noTarget = "this kernel has none of the targets that could be tried";

/** A pair that loaders know: a section of libbpf's implies it. */
export interface KnownPair {
  readonly program: string;
  readonly attach: string;
}

export interface AttachTypeFeature extends Feature {
  /** `enum bpf_attach_type`. */
  readonly number: number;
  /** Name of the program type. */
  readonly programType: string;
  /** Whether the kernel makes a bpf_link of it; null when it could not be told. */
  readonly link: boolean | null;
}

/** A program of some type for one hook. */
export interface Variant {
  /** Name of the attach type. */
  readonly attach: string;
  readonly shape: ProgramAttempt;
}

/** Types whose programs are meant for a function or type of BTF's, which names the hook. */
const aimed: ReadonlySet<string> = new Set(["tracing", "lsm", "ext", "struct_ops"]);

export class AttachTypes {
  readonly #attempts: Attempts;
  readonly #programs: ProgramTypes;
  readonly #btf: Btf | null;
  readonly #names: readonly NumberedName[];

  constructor(attempts: Attempts, programs: ProgramTypes, btf: Btf | null) {
    this.#attempts = attempts;
    this.#programs = programs;
    this.#btf = btf;
    this.#names = numberedNames(uapiEnums.attachType, btf);
  }

  /** Those of one program type: what the kernel takes, and of `known` what it does not. */
  of(type: NumberedName, known: readonly KnownPair[]): AttachTypeFeature[] {
    const wanted = new Set(
      known.filter(({ program }) => program === type.name).map(({ attach }) => attach),
    );
    if (aimed.has(type.name)) return this.#aimed(type, wanted);
    const found = this.#programs.shape(type) === null
      ? this.#withoutProgram(type, wanted)
      : this.#checksAtLoad(type)
      ? this.#byLoading(type)
      : this.#byLinking(type, wanted);
    return [...found].filter(({ name, number, accepted }) =>
      wanted.has(name) || (accepted === true && number !== 0) // 0 also means: none given
    );
  }

  /** Programs of one type for each of its hooks that the kernel takes. */
  variants(type: NumberedName, features: readonly AttachTypeFeature[]): Variant[] {
    const shape = this.#programs.shape(type);
    const taken = features.filter(({ programType, accepted }) =>
      programType === type.name && accepted === true
    );
    if (shape === null) return [];
    if (!aimed.has(type.name)) {
      return taken.map(({ name, number }) => {
        return { attach: name, shape: { ...shape, expectedAttachType: number } };
      });
    }
    if (this.#btf === null) return [];
    const numbers = new Map(taken.map(({ name, number }) => [name, number]));
    return [...targetAttempts(type, numbers, this.#btf)]
      .map(({ attach, ...attempt }) => ({ attach, shape: attempt }));
  }

  /** Whether the kernel refuses to load this type with an attach type that does not exist. */
  #checksAtLoad(type: NumberedName): boolean {
    const shape = { type: type.number, instructions: returnZero(), ...this.#programs.shape(type) };
    const answer = this.#attempts.load({ ...shape, expectedAttachType: NO_ATTACH_TYPE });
    return answer.errno === EINVAL && answer.log === "";
  }

  /** What holds for the type holds for its hooks. */
  *#withoutProgram(
    type: NumberedName,
    wanted: ReadonlySet<string>,
  ): Generator<AttachTypeFeature> {
    const judged = this.#programs.judgement(type);
    for (const attach of this.#names) {
      if (wanted.has(attach.name)) yield row(type, attach, judged, null);
    }
  }

  /** The kernel compares type and attach type when it loads. */
  *#byLoading(type: NumberedName): Generator<AttachTypeFeature> {
    for (const attach of this.#names) {
      const loaded = this.#load(type, attach.number);
      if (loaded instanceof Fd) {
        using program = loaded;
        const errno = this.#linkErrno(program.number, attach);
        yield row(type, attach, loads, ![EINVAL, EOPNOTSUPP].includes(errno));
      } else {
        yield row(type, attach, judge(loaded, "attach type", this.#standing(type)), null);
      }
    }
  }

  /** A program with this attach type, returning what its hook allows, or the kernel's answer. */
  #load(type: NumberedName, expectedAttachType: number): Fd | Answer {
    const shape = { type: type.number, ...this.#programs.shape(type), expectedAttachType };
    const zero = this.#attempts.open({ ...shape, instructions: returnZero() });
    if (zero instanceof Fd || zero.log === "") return zero;
    return this.#attempts.open({ ...shape, instructions: returnOne() });
  }

  /** The kernel compares only when it is asked for a link. */
  *#byLinking(type: NumberedName, wanted: ReadonlySet<string>): Generator<AttachTypeFeature> {
    using plain = this.#programs.open(type);
    if (plain === null) return;
    for (const attach of this.#names) {
      let errno = this.#linkErrno(plain.number, attach);
      if (errno === EINVAL && targetOf(attach) !== "descriptor") {
        using meant = this.#programs.open(type, attach.number); // has to say so when it is loaded
        if (meant !== null) errno = this.#linkErrno(meant.number, attach);
      }
      if (errno === EINVAL && targetOf(attach) !== "descriptor") {
        // where it has such links it looks for the names of the targets first
        const judged = refusal(errno, "attach type", this.#standing(type));
        if (wanted.has(attach.name)) yield row(type, attach, judged, false);
      } else if (errno === EINVAL) {
        if (wanted.has(attach.name)) yield row(type, attach, untried(notCompared), null);
      } else if (errno === EOPNOTSUPP) {
        yield row(type, attach, refusal(errno, "link", this.#standing(type)), false);
      } else {
        const why = `asked for a link, the kernel looks for the target: ${errnoName(errno)}`;
        yield row(type, attach, { accepted: true, errno: null, why }, true);
      }
    }
  }

  #standing({ name }: NumberedName): Standing {
    return this.#programs.standing(name);
  }

  /** The hook is a function or type of BTF's: one that there is stands for all. */
  #aimed(type: NumberedName, wanted: ReadonlySet<string>): AttachTypeFeature[] {
    const numbers = new Map(this.#names.map(({ name, number }) => [name, number]));
    const found = new Map<string, Judgement>();
    for (const attempt of this.#btf === null ? [] : targetAttempts(type, numbers, this.#btf)) {
      if (found.get(attempt.attach)?.accepted) continue;
      const { errno } = this.#attempts.load(attempt); // words would be about the target
      const judged = errno === 0 ? loads : refusal(errno, "attach type", this.#standing(type));
      found.set(attempt.attach, judged);
    }
    const otherwise = untried(this.#btf === null ? noBtf : noTarget);
    return this.#names.filter(({ name }) => found.has(name) || wanted.has(name)).map((attach) => {
      const judged = found.get(attach.name) ?? otherwise;
      return row(type, attach, judged, judged.accepted);
    });
  }

  #linkErrno(programFd: number, attach: NumberedName): number {
    const target = targetOf(attach);
    return this.#attempts.link({ programFd, attachType: attach.number, target });
  }
}

/** What a link to this hook names, and is left out. */
function targetOf({ name }: NumberedName): LinkAttempt["target"] {
  if (name.startsWith("trace_kprobe_")) return "symbols";
  return name.startsWith("trace_uprobe_") ? "offsets" : "descriptor";
}

function row(
  type: NumberedName,
  { name, number }: NumberedName,
  judged: Judgement,
  link: boolean | null,
): AttachTypeFeature {
  return { name, number, programType: type.name, ...judged, link };
}
