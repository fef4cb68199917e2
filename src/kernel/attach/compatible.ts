// Which programs fit which hook: refused here with both named, before the kernel says EINVAL.
import { type EBPFError, validationError } from "../../errors.ts";
import type { Program } from "../program.ts";
import { attach_type, cgroup_attach_types, prog_type, programTypeText } from "../program_types.ts";
import type { AttachSpec } from "./spec.ts";

const wanted: Readonly<Record<Exclude<AttachSpec["type"], "auto" | "cgroup">, readonly number[]>> =
  {
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
    perf_event: [prog_type.perf_event],
  };

/** @throws attachment_mismatch naming the program's type and the hook */
export function requireCompatible(program: Program, spec: AttachSpec): void {
  if (spec.type === "auto") return;
  if (spec.type === "cgroup") return requireCgroup(program, spec.attach_type);
  if (!wanted[spec.type].includes(program.type)) {
    throw mismatch(program, spec.type, wanted[spec.type]);
  }
  if (spec.type === "raw_tracepoint" && program.type === prog_type.tracing) {
    requireTypedTracepoint(program, spec.name);
  }
}

/** A BTF-typed program names its tracepoint when it is loaded: another cannot be chosen now. */
function requireTypedTracepoint(program: Program, name: string): void {
  const typed = program.expectedAttachType === attach_type.trace_raw_tp;
  if (typed && program.section === `tp_btf/${name}`) return;
  throw validationError(
    "attachment_mismatch",
    `Cannot attach "${program.name}" to raw_tracepoint ${name}: ` +
      `it was loaded for "${program.section}"`,
    {
      program: program.name,
      section: program.section,
      attachment: "raw_tracepoint",
      hint: autoHint,
    },
  );
}

function requireCgroup(program: Program, attachType: keyof typeof cgroup_attach_types): void {
  const hook = cgroup_attach_types[attachType];
  if (program.type !== hook.program) {
    throw mismatch(program, `cgroup ${attachType}`, [hook.program]);
  }
  // the kernel lets a cgroup_skb program take either direction
  if (hook.program === prog_type.cgroup_skb) return;
  if (program.expectedAttachType === hook.attach) return;
  const section = program.section;
  throw validationError(
    "attachment_mismatch",
    `Cannot attach "${program.name}" to cgroup ${attachType}: it was loaded for "${section}"`,
    { program: program.name, section, attachment: `cgroup ${attachType}`, hint: autoHint },
  );
}

const autoHint = "use the attachment that the section names";

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
