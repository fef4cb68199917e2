// Which programs fit which hook: refused here with both named, before the kernel says EINVAL.
import { type EBPFError, validationError } from "../../errors.ts";
import type { Program } from "../program.ts";
import { attach_type, cgroup_attach_types, prog_type, programTypeText } from "../program_types.ts";
import type { AttachSpec } from "./spec.ts";

type Plain = Exclude<AttachSpec["type"], "auto" | "cgroup">;

const wanted: Readonly<Record<Plain, readonly number[]>> = {
  tracepoint: [prog_type.tracepoint],
  raw_tracepoint: [
    prog_type.raw_tracepoint,
    prog_type.raw_tracepoint_writable,
    prog_type.tracing,
  ],
  xdp: [prog_type.xdp],
  tcx: [prog_type.sched_cls],
  uprobe: [prog_type.kprobe],
  uretprobe: [prog_type.kprobe],
  usdt: [prog_type.kprobe],
  kprobe: [prog_type.kprobe],
  kretprobe: [prog_type.kprobe],
  kprobe_multi: [prog_type.kprobe],
  fentry: [prog_type.tracing],
  fexit: [prog_type.tracing],
  lsm: [prog_type.lsm],
  iter: [prog_type.tracing],
  perf_event: [prog_type.perf_event],
};

/** @throws attachment_mismatch naming the program's type and the hook */
export function requireCompatible(program: Program, spec: AttachSpec): void {
  if (spec.type === "auto") return;
  if (spec.type === "cgroup") return requireCgroup(program, spec.attach_type);
  if (!wanted[spec.type].includes(program.type)) {
    throw mismatch(program, spec.type, wanted[spec.type]);
  }
  const { type } = spec;
  switch (type) {
    case "raw_tracepoint":
      // a plain one takes any name
      if (program.type !== prog_type.tracing) return;
      return requireLoadedFor(program, type, attach_type.trace_raw_tp, spec.name);
    case "fentry":
      return requireLoadedFor(program, type, attach_type.trace_fentry, spec.function);
    case "fexit":
      return requireLoadedFor(program, type, attach_type.trace_fexit, spec.function);
    case "lsm":
      return requireLoadedFor(program, type, attach_type.lsm_mac, spec.hook);
    case "iter":
      return requireLoadedFor(program, type, attach_type.trace_iter, spec.target);
    case "usdt":
      return requireUsdt(program);
    case "kprobe":
    case "kretprobe":
    case "uprobe":
    case "uretprobe":
      return requireLoadedFor(program, type, 0);
    case "kprobe_multi":
      return requireLoadedFor(program, type, attach_type.trace_kprobe_multi);
  }
}

/**
 * The attach type is fixed by the load and, with BTF, the target too: another cannot be chosen now.
 * @param name what the request names; the section's own when absent
 */
function requireLoadedFor(program: Program, type: string, attach: number, name?: string): void {
  if (program.expectedAttachType === attach) {
    const target = sectionTarget(program.section);
    if (name === undefined || target === name) return;
  }
  throw loadedForAnother(program, name === undefined ? type : `${type} ${name}`);
}

/** What stands behind the section's first slash: `vfs_read` of `fentry.s/vfs_read`. */
function sectionTarget(section: string): string {
  return section.slice(section.indexOf("/") + 1);
}

/** libbpf needs its maps for arguments, which only a program of such a section comes with. */
function requireUsdt(program: Program): void {
  if (/^\??usdt(\.s)?(\/|$)/.test(program.section)) return;
  throw loadedForAnother(program, "usdt");
}

function requireCgroup(program: Program, attachType: keyof typeof cgroup_attach_types): void {
  const hook = cgroup_attach_types[attachType];
  if (program.type !== hook.program) {
    throw mismatch(program, `cgroup ${attachType}`, [hook.program]);
  }
  // the kernel lets a cgroup_skb program take either direction
  if (hook.program === prog_type.cgroup_skb) return;
  if (program.expectedAttachType === hook.attach) return;
  throw loadedForAnother(program, `cgroup ${attachType}`);
}

function loadedForAnother({ name, section }: Program, attachment: string): EBPFError {
  return validationError(
    "attachment_mismatch",
    `Cannot attach "${name}" to ${attachment}: it was loaded for "${section}"`,
    {
      program: name,
      section,
      attachment,
      hint: "use the attachment that the section names, or auto",
    },
  );
}

function mismatch(program: Program, attachment: string, types: readonly number[]): EBPFError {
  const has = programTypeText(program.type);
  const wants = types.map(programTypeText).join(" or ");
  return validationError(
    "attachment_mismatch",
    `Cannot attach "${program.name}" to ${attachment}: it is a ${has} program, ` +
      `${attachment} takes ${wants}`,
    {
      program: program.name,
      program_type: has,
      attachment,
      wanted: wants,
      section: program.section,
    },
  );
}
