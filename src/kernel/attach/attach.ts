// From a request to links in the kernel; bpf_link wherever the kernel has it.
import type { LinkHandle } from "../../../ffi/handles.ts";
import { bpf_uprobe_opts } from "../../../ffi/layouts/libbpf_opts.ts";
import { libbpf } from "../../../ffi/library.ts";
import { cString } from "../../../ffi/memory.ts";
import { Struct } from "../../../ffi/struct.ts";
import { kernelError } from "../../errors.ts";
import { Link } from "../link.ts";
import type { Program } from "../program.ts";
import { cgroup_attach_types } from "../program_types.ts";
import { requireCompatible } from "./compatible.ts";
import { attachKprobe, attachKprobeMulti, requireKprobes } from "./kprobe.ts";
import { attempt } from "./libbpf_attach.ts";
import { attachLsm } from "./lsm.ts";
import { attachTcx, attachXdp } from "./network.ts";
import { openChecked } from "./open_checked.ts";
import { attachPerfEvent } from "./perf_event.ts";
import { isSystemCall, sectionSpec } from "./section.ts";
import type { AttachSpec, CgroupSpec, UprobeSpec } from "./spec.ts";
import { attachUsdt } from "./usdt.ts";

const EVERY_PROCESS = -1;

/**
 * Attaches a loaded program. A perf event without a CPU gives a link for each.
 * @throws attachment_mismatch before the kernel is asked, link_attach_failed with its errno
 */
export function attachProgram(program: Program, spec: AttachSpec): Link[] {
  requireCompatible(program, spec);
  switch (spec.type) {
    case "tracepoint":
      return [
        attempt(program, spec, () =>
          libbpf().bpf_program__attach_tracepoint(
            program.handle,
            cString(spec.group),
            cString(spec.name),
          )),
      ];
    case "raw_tracepoint":
      return [attempt(program, spec, () => attachRawTracepoint(program, spec.name))];
    case "uprobe":
    case "uretprobe":
      return [attempt(program, spec, () => attachUprobe(program, spec))];
    case "usdt":
      return [attachUsdt(program, spec)];
    case "kprobe":
    case "kretprobe":
      return [attachKprobe(program, spec)];
    case "kprobe_multi":
      return [attachKprobeMulti(program, spec)];
    case "fentry":
    case "fexit":
    case "iter":
      // the load has fixed what it is attached to
      return [attempt(program, spec, () => libbpf().bpf_program__attach(program.handle))];
    case "lsm":
      return [attachLsm(program, spec)];
    case "auto":
      return attachAsSectionSays(program);
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

function attachAsSectionSays(program: Program): Link[] {
  const { section } = program;
  const said = sectionSpec(section);
  if (said !== null) return attachProgram(program, said);
  const spec = { type: "auto" } as const;
  if (isSystemCall(section)) requireKprobes(program, spec);
  const path = /^\??u(?:ret)?probe(?:\.\w+)?\/([^:]+)/.exec(section)?.[1];
  if (path !== undefined) requireProbeFile(path);
  return [attempt(program, spec, () => libbpf().bpf_program__attach(program.handle))];
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
    .point("func_name", symbol);
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
