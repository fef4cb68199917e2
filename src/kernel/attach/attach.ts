// From a request to links in the kernel; bpf_link wherever the kernel has it.
import type { LinkHandle } from "../../../ffi/handles.ts";
import { bpf_uprobe_opts } from "../../../ffi/layouts/libbpf_opts.ts";
import { libbpf } from "../../../ffi/library.ts";
import { addressOf, cString } from "../../../ffi/memory.ts";
import { Struct } from "../../../ffi/struct.ts";
import { type EBPFError, kernelError, validationError } from "../../errors.ts";
import { LibbpfLog } from "../libbpf_log.ts";
import { attachErrno, Link } from "../link.ts";
import type { Program } from "../program.ts";
import { cgroup_attach_types } from "../program_types.ts";
import { requireCompatible } from "./compatible.ts";
import { attachTcx, attachXdp } from "./network.ts";
import { openChecked } from "./open_checked.ts";
import { attachPerfEvent } from "./perf_event.ts";
import { type AttachSpec, type CgroupSpec, targetText, type UprobeSpec } from "./spec.ts";

const EPERM = 1;
const ENOENT = 2;
const ESRCH = 3;
const EOPNOTSUPP = 95;
const EVERY_PROCESS = -1;

/**
 * Attaches a loaded program. A perf event without a CPU gives a link for each.
 * @throws attachment_mismatch before the kernel is asked, link_attach_failed with its errno
 */
export function attachProgram(program: Program, spec: AttachSpec): Link[] {
  requireCompatible(program, spec);
  switch (spec.type) {
    case "tracepoint":
      return one(program, spec, () =>
        libbpf().bpf_program__attach_tracepoint(
          program.handle,
          cString(spec.group),
          cString(spec.name),
        ));
    case "raw_tracepoint":
      return one(program, spec, () => attachRawTracepoint(program, spec.name));
    case "uprobe":
    case "uretprobe":
      return one(program, spec, () => attachUprobe(program, spec));
    case "auto":
      return one(program, spec, () => attachAsSectionSays(program));
    case "perf_event":
      return attachPerfEvent(program, spec);
    case "xdp":
      return attachXdp(program, spec);
    case "tcx":
      return attachTcx(program, spec);
    case "cgroup":
      return [attachCgroup(program, spec)];
  }
}

function attachAsSectionSays(program: Program): LinkHandle | null {
  const path = /^(?:u(?:ret)?probe|usdt)(?:\.\w+)*\/([^:]+)/.exec(program.section)?.[1];
  if (path !== undefined) requireProbeFile(path);
  return libbpf().bpf_program__attach(program.handle);
}

/** libbpf opens and reads it. A name without a folder is searched where the loader looks. */
function requireProbeFile(path: string): void {
  if (path.includes("/")) openChecked(path, "regular")[Symbol.dispose]();
}

function attachRawTracepoint(program: Program, name: string): LinkHandle | null {
  // a BTF-typed program knows its tracepoint since it was loaded
  if (program.section.startsWith("tp_btf/")) return libbpf().bpf_program__attach(program.handle);
  return libbpf().bpf_program__attach_raw_tracepoint(program.handle, cString(name));
}

function attachUprobe(program: Program, spec: UprobeSpec): LinkHandle | null {
  requireProbeFile(spec.path);
  const symbol = spec.symbol === undefined ? null : cString(spec.symbol);
  const options = new Struct(bpf_uprobe_opts)
    .set("sz", bpf_uprobe_opts.size)
    .set("retprobe", spec.type === "uretprobe" ? 1 : 0)
    .set("func_name", addressOf(symbol));
  return libbpf().bpf_program__attach_uprobe_opts(
    program.handle,
    spec.pid ?? EVERY_PROCESS,
    cString(spec.path),
    BigInt(spec.offset ?? 0),
    options.bytes,
  );
}

/** @since Linux 5.7 */
function attachCgroup(program: Program, spec: CgroupSpec): Link {
  using cgroup = openChecked(spec.path, "directory");
  const { attach } = cgroup_attach_types[spec.attach_type];
  const answer = libbpf().bpf_link_create(program.fd, cgroup.number, attach, null);
  if (answer >= 0) return Link.fromFd(answer);
  const message = `Cannot attach "${program.name}" to cgroup ${spec.path}`;
  throw kernelError("link_attach_failed", message, -answer, {
    path: spec.path,
    attach_type: spec.attach_type,
    hint: "the path must be a cgroup v2 directory, and no exclusive program may sit on it",
  });
}

/** Runs a libbpf attach and explains its failure with what libbpf said. */
function one(program: Program, spec: AttachSpec, attach: () => LinkHandle | null): Link[] {
  using log = new LibbpfLog();
  const handle = attach();
  if (handle !== null) return [Link.fromHandle(handle)];
  throw refused(program, spec, attachErrno(null), log.lines);
}

function refused(
  program: Program,
  spec: AttachSpec,
  failure: number,
  lines: readonly string[],
): EBPFError {
  const target = targetText(spec, program.section);
  if (spec.type === "auto" && failure === EOPNOTSUPP) return silentSection(program);
  const code = failure === EOPNOTSUPP ? "feature_missing" : "link_attach_failed";
  return kernelError(code, `Cannot attach "${program.name}" to ${target}`, failure, {
    program: program.name,
    target,
    ...(lines.length === 0 ? {} : { libbpf: lines }),
    hint: hint(spec, failure),
  });
}

function silentSection({ name, section }: Program): EBPFError {
  const message = `Cannot attach "${name}": section "${section}" does not say where to`;
  return validationError("attachment_mismatch", message, {
    program: name,
    section,
    hint: "name the attachment instead of auto",
  });
}

function hint(spec: AttachSpec, failure: number): string {
  if (failure === ENOENT && (spec.type === "tracepoint" || spec.type === "raw_tracepoint")) {
    return "this kernel has no such tracepoint: see /sys/kernel/tracing/available_events";
  }
  if (failure === ENOENT) return "the file or symbol does not exist; give symbol or offset";
  if (failure === ESRCH) return "no process has this pid, or the file has no such symbol";
  if (failure === EPERM) return "needs CAP_PERFMON or CAP_NET_ADMIN";
  return "see context.libbpf";
}
