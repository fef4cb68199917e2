// An attach by libbpf, and the reason when it fails.
import { errno } from "../../../ffi/errno.ts";
import { statPath } from "../../../ffi/file.ts";
import type { LinkHandle } from "../../../ffi/handles.ts";
import { type EBPFError, type ErrorContext, kernelError, validationError } from "../../errors.ts";
import { LibbpfLog } from "../libbpf_log.ts";
import { Link } from "../link.ts";
import type { Program } from "../program.ts";
import { type AttachSpec, targetText } from "./spec.ts";

const EPERM = 1;
const ENOENT = 2;
const ESRCH = 3;
const EEXIST = 17;
const EOPNOTSUPP = 95;

/** Where libbpf looks for the ids of tracepoints. */
const tracingFolders = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/** What a hook knows of its own failures. */
export interface Explanation extends ErrorContext {
  /** The kernel has no such hook, rather than not this one. */
  missing?: true;
  hint: string;
}

export type Explain = (errno: number) => Explanation | null;

/** Runs a libbpf attach. @throws link_attach_failed or feature_missing with what libbpf said */
export function attempt(
  program: Program,
  spec: AttachSpec,
  attach: () => LinkHandle | null,
  explain: Explain = () => null,
): Link {
  return Link.fromHandle(attemptHandle(program, spec, attach, explain));
}

/** The same, for a handle of several descriptors. */
export function attemptHandle(
  program: Program,
  spec: AttachSpec,
  attach: () => LinkHandle | null,
  explain: Explain = () => null,
): LinkHandle {
  using log = new LibbpfLog();
  const handle = attach();
  if (handle !== null) return handle;
  const failure = errno();
  const lines = log.lines.length === 0 ? {} : { libbpf: log.lines };
  throw refused(program, spec, failure, { ...lines, ...explain(failure) });
}

/** The error of an attach that the kernel, or libbpf, refused. */
export function refused(
  program: Program,
  spec: AttachSpec,
  failure: number,
  { missing, ...context }: Partial<Explanation>,
): EBPFError {
  const target = targetText(spec, program.section);
  if (spec.type === "auto" && failure === EOPNOTSUPP) return silentSection(program);
  const code = missing || failure === EOPNOTSUPP ? "feature_missing" : "link_attach_failed";
  return kernelError(code, `Cannot attach "${program.name}" to ${target}`, failure, {
    program: program.name,
    target,
    hint: hint(spec, program.section, failure),
    ...context,
  });
}

function hasEvents(folder: string): boolean {
  return typeof statPath(`${folder}/events`) !== "number";
}

function silentSection({ name, section }: Program): EBPFError {
  const message = `Cannot attach "${name}": section "${section}" does not say where to`;
  return validationError("attachment_mismatch", message, {
    program: name,
    section,
    hint: "name the attachment instead of auto",
  });
}

function hint(spec: AttachSpec, section: string, failure: number): string {
  const isTracepoint = spec.type === "tracepoint" ||
    (spec.type === "auto" && /^(tp|tracepoint)\//.test(section));
  if (isTracepoint && !tracingFolders.some(hasEvents)) {
    return "tracefs, which has the tracepoints' ids, cannot be read here: " +
      "mount -t tracefs tracefs /sys/kernel/tracing";
  }
  if (failure === ENOENT && (isTracepoint || spec.type === "raw_tracepoint")) {
    return "this kernel has no such tracepoint: see /sys/kernel/tracing/available_events";
  }
  if (failure === ENOENT) return "the file or symbol does not exist; give symbol or offset";
  if (failure === ESRCH) return "no process has this pid, or the file has no such symbol";
  if (failure === EEXIST) {
    return "it is attached there already: before Linux 6.10 a raw tracepoint takes a program once";
  }
  if (failure === EPERM) return "needs CAP_PERFMON or CAP_NET_ADMIN";
  return "see context.libbpf";
}
