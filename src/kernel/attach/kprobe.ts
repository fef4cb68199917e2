// Programs on functions of the kernel: one by a perf event, many by one link.
import { statPath } from "../../../ffi/file.ts";
import { bpf_kprobe_multi_opts, bpf_kprobe_opts } from "../../../ffi/layouts/libbpf_opts.ts";
import { libbpf } from "../../../ffi/library.ts";
import { cString, cStrings } from "../../../ffi/memory.ts";
import { Struct } from "../../../ffi/struct.ts";
import { validationError } from "../../errors.ts";
import { nearest } from "../../view/nearest.ts";
import type { Link } from "../link.ts";
import type { Program } from "../program.ts";
import {
  functionBytes,
  globMatcher,
  kernelFunctions,
  traceableFunctions,
} from "./kernel_functions.ts";
import { attempt, type Explanation, refused } from "./libbpf_attach.ts";
import type { AttachSpec, KprobeMultiSpec, KprobeSpec } from "./spec.ts";

const ENOENT = 2;
const ESRCH = 3;
const EBUSY = 16;
const EINVAL = 22;
const EILSEQ = 84;
const EOPNOTSUPP = 95;
const EADDRNOTAVAIL = 99;

const NEAREST = 5;
/** Each is patched in the running kernel; thousands of them are felt. */
const MOST_FUNCTIONS = 4_096;

const otherHooks = "a tracepoint, raw_tracepoint or tp_btf program may see the same: " +
  "see /sys/kernel/tracing/available_events";

/**
 * @throws feature_missing on a kernel without kprobes, link_attach_failed naming near functions
 * @since Linux 4.17; a link since 5.15
 */
export function attachKprobe(program: Program, spec: KprobeSpec): Link {
  requireKprobes(program, spec);
  requireInside(program, spec);
  const options = new Struct(bpf_kprobe_opts)
    .set("sz", bpf_kprobe_opts.size)
    .set("offset", spec.offset ?? 0)
    .set("retprobe", spec.type === "kretprobe" ? 1 : 0);
  return attempt(program, spec, () =>
    libbpf().bpf_program__attach_kprobe_opts(
      program.handle,
      cString(spec.function),
      options.bytes,
    ), (errno) => explain(spec.function, errno));
}

/** Without this perf event source libbpf would write to tracefs, which outlives a SIGKILL. */
export function requireKprobes(program: Program, spec: AttachSpec): void {
  if (typeof statPath("/sys/bus/event_source/devices/kprobe") !== "number") return;
  throw refused(program, spec, EOPNOTSUPP, {
    reason: "this kernel is built without kprobes (CONFIG_KPROBE_EVENTS)",
    hint: otherHooks,
  });
}

/** The kernel only adds: past its end an offset would mean another function. */
function requireInside(program: Program, spec: KprobeSpec): void {
  const { offset = 0 } = spec;
  const bytes = offset === 0 ? null : functionBytes(spec.function);
  if (bytes === null || offset < bytes) return;
  throw refused(program, spec, EINVAL, {
    reason: `"${spec.function}" has ${bytes} bytes, and the offset is ${offset}`,
    hint: "offset counts bytes into the function: leave it out for the function's begin",
  });
}

function explain(name: string, errno: number): Explanation | null {
  switch (errno) {
    case ENOENT:
    case ESRCH:
    case EADDRNOTAVAIL:
      return missingFunction(name);
    case EINVAL:
      return {
        reason: `the kernel allows no probe on "${name}", or not at this offset`,
        hint: "it may be on the kernel's list of functions that may not be probed " +
          "(/sys/kernel/debug/kprobes/blacklist): take a caller or a function that it calls",
      };
    case EILSEQ:
      return {
        reason: "no instruction begins at this offset",
        hint: "offset counts bytes into the function: leave it out for the function's begin",
      };
    default:
      return null;
  }
}

function missingFunction(name: string): Explanation {
  const names = kernelFunctions();
  const same = names.filter((candidate) => candidate === name).length;
  if (same > 1) {
    return {
      reason: `this kernel has ${same} functions "${name}": which one is meant is open`,
      hint: "take a function that calls it",
    };
  }
  return {
    reason: `this kernel has no function "${name}": it was inlined, renamed or never there`,
    nearest: nearest(name, names, NEAREST),
    hint: "take one of context.nearest, a function that calls it, or a tracepoint nearby",
  };
}

/**
 * @throws feature_missing without CONFIG_FPROBE, link_attach_failed, invalid_arguments
 * @since Linux 5.18
 */
export function attachKprobeMulti(program: Program, spec: KprobeMultiSpec): Link {
  const names = spec.functions ?? matching(spec.glob ?? "");
  const options = new Struct(bpf_kprobe_multi_opts)
    .set("sz", bpf_kprobe_multi_opts.size)
    .point("syms", cStrings(names))
    .set("cnt", names.length)
    .set("retprobe", /^\??kretprobe/.test(program.section) ? 1 : 0);
  const { handle } = program;
  return attempt(
    program,
    spec,
    () => libbpf().bpf_program__attach_kprobe_multi_opts(handle, null, options.bytes),
    (errno) => explainMulti(names, errno),
  );
}

function matching(glob: string): string[] {
  const traceable = traceableFunctions();
  const all = traceable ?? kernelFunctions();
  const names = [...new Set(all.filter(globMatcher(glob)))];
  if (names.length === 0) {
    throw validationError("invalid_arguments", `No function of this kernel matches "${glob}"`, {
      glob,
      nearest: nearest(glob.replace(/[*?]+/g, ""), all, NEAREST),
      hint: "see /sys/kernel/tracing/available_filter_functions",
    });
  }
  if (names.length > MOST_FUNCTIONS) {
    const message = `"${glob}" matches ${names.length} functions, at most ${MOST_FUNCTIONS} may be`;
    throw validationError("invalid_arguments", message, { glob, hint: "narrow the pattern" });
  }
  return names;
}

function explainMulti(names: readonly string[], errno: number): Explanation | null {
  // an older kernel does not know the attach type, one without fprobe refuses it
  if (errno === EOPNOTSUPP || errno === EINVAL) {
    return {
      missing: true,
      reason: "this kernel has no kprobe_multi: it needs Linux 5.18 and CONFIG_FPROBE",
      hint: `load programs of SEC("kprobe") and attach one to each function; or ${otherHooks}`,
    };
  }
  if (errno === EBUSY || (errno !== ESRCH && errno !== ENOENT)) return null;
  const traceable = new Set(traceableFunctions() ?? kernelFunctions());
  const missing = names.find((name) => !traceable.has(name));
  return missing === undefined ? null : missingFunction(missing);
}
