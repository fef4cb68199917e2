// What programs of the tracing kind can be tried on: functions and types of vmlinux BTF that every
// kernel of the last years has, by attach type.
import type { Btf, Kind } from "../../btf/btf.ts";
import type { ProgramAttempt } from "./attempt.ts";
import { returnZero } from "./instructions.ts";

/** BPF_F_SLEEPABLE of `prog_flags`. */
const SLEEPABLE = 16;

interface Target {
  /** Name of the program type. */
  readonly program: string;
  /** Name of the attach type. */
  readonly attach: string;
  readonly kind: Kind;
  /** In the order in which they are tried. */
  readonly names: readonly string[];
  readonly sleepable?: true;
}

const functions = ["vfs_read", "__x64_sys_getpid", "do_exit", "ksys_read"];
const operations = ["tcp_congestion_ops", "sched_ext_ops", "hid_bpf_ops", "Qdisc_ops"];
const hooks = ["bpf_lsm_file_open", "bpf_lsm_bprm_check_security"];

const targets: readonly Target[] = [
  {
    program: "tracing",
    attach: "trace_raw_tp",
    kind: "typedef",
    names: ["btf_trace_sched_switch", "btf_trace_sys_enter"],
  },
  { program: "tracing", attach: "trace_fentry", kind: "func", names: functions },
  { program: "tracing", attach: "trace_fexit", kind: "func", names: functions },
  {
    program: "tracing",
    attach: "modify_return",
    kind: "func",
    names: ["security_file_open", "security_bprm_check"],
  },
  {
    program: "tracing",
    attach: "trace_iter",
    kind: "func",
    names: ["bpf_iter_task", "bpf_iter_bpf_map"],
  },
  { program: "lsm", attach: "lsm_mac", kind: "func", names: hooks },
  { program: "lsm", attach: "lsm_mac", kind: "func", names: hooks, sleepable: true },
  {
    program: "lsm",
    attach: "lsm_cgroup",
    kind: "func",
    names: ["bpf_lsm_socket_create", "bpf_lsm_socket_post_create"],
  },
];

export interface BtfAttempt extends ProgramAttempt {
  readonly attach: string;
}

/** Attempts for a program type at each attach type that BTF has a target for. */
export function* targetAttempts(
  program: { readonly name: string; readonly number: number },
  attachNumbers: ReadonlyMap<string, number>,
  btf: Btf,
): Generator<BtfAttempt> {
  for (const target of targets) {
    if (target.program !== program.name) continue;
    const expectedAttachType = attachNumbers.get(target.attach);
    const id = firstOf(btf, target);
    if (expectedAttachType === undefined || id === null) continue;
    yield {
      attach: target.attach,
      type: program.number,
      instructions: returnZero(),
      expectedAttachType,
      attachBtfId: id,
      flags: target.sleepable ? SLEEPABLE : 0,
    };
  }
}

/**
 * Attempts for struct_ops programs: the operations of each struct that this kernel lets programs
 * implement. There the expected attach type is the number of the member.
 */
export function* operationAttempts(type: number, btf: Btf): Generator<ProgramAttempt> {
  for (const name of operations) {
    if (btf.find(`bpf_struct_ops_${name}`, "struct").length === 0) continue;
    const [id] = btf.find(name, "struct");
    for (const [index, member] of (id === undefined ? [] : btf.members(id)).entries()) {
      const pointer = btf.resolve(member.type);
      if (btf.kind(pointer) !== "ptr") continue;
      if (btf.kind(btf.resolve(btf.pointee(pointer))) !== "func_proto") continue;
      yield {
        type,
        instructions: returnZero(),
        expectedAttachType: index,
        attachBtfId: id,
      };
    }
  }
}

function firstOf(btf: Btf, { kind, names }: Target): number | null {
  for (const name of names) {
    const [id] = btf.find(name, kind);
    if (id !== undefined) return id;
  }
  return null;
}
