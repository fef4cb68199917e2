// What an instruction calls, and what an ld_imm64 stands for. libbpf turns what it cannot resolve
// into calls of helpers that no kernel has, for the verifier to find when they can be reached.
import type { Instruction } from "./instruction.ts";
import { CLASS, classOf, JMP, LD_IMM64, operationOf, SOURCE, sourceOf } from "./opcode.ts";

/** What libbpf could not resolve. */
export type Unresolved = "core_relocation" | "map" | "kfunc";

export type Call =
  | { kind: "helper"; id: number }
  /** A kernel function by BTF id: of the kernel, or of the module in place `module` of fd_array. */
  | { kind: "kfunc"; id: number; module: number }
  /** A subprogram of the same image that starts at `target`. */
  | { kind: "subprogram"; target: number }
  /** libbpf's mark; `number` is the map's or the kfunc's place in the object, else 0. */
  | { kind: "poison"; unresolved: Unresolved; number: number }
  /** A form of call that no kernel known here has; `id` is its `imm`. */
  | { kind: "unknown"; id: number };

/** BPF_PSEUDO_CALL and BPF_PSEUDO_KFUNC_CALL: what `src` says in a call. */
const PSEUDO_CALL = 1;
const PSEUDO_KFUNC_CALL = 2;

/** libbpf's relo_core.c, bpf_core_poison_insn: 0xbad2310, "bad relo". */
const POISON_CORE = 195_896_080;
/** libbpf's libbpf.c, POISON_LDIMM64_MAP_BASE and POISON_CALL_KFUNC_BASE (since 1.2). */
const POISON_MAP_BASE = 2_001_000_000;
const POISON_KFUNC_BASE = 2_002_000_000;
const POISON_RANGE = 1_000_000;

/** What `instruction` calls; null when it is no call. */
export function callOf({ index, opcode, src, offset, imm }: Instruction): Call | null {
  const kind = classOf(opcode);
  if ((kind !== CLASS.JMP && kind !== CLASS.JMP32) || operationOf(opcode) !== JMP.CALL) return null;
  if (kind === CLASS.JMP32 || sourceOf(opcode) === SOURCE.X) return { kind: "unknown", id: imm };
  switch (src) {
    case 0:
      return poisonOf(imm) ?? { kind: "helper", id: imm };
    case PSEUDO_CALL:
      return { kind: "subprogram", target: index + 1 + imm };
    case PSEUDO_KFUNC_CALL:
      // A weak kfunc that the kernel lacks, by libbpf before 1.2 and by the kernel's own rule.
      if (imm === 0 && offset === 0) return { kind: "poison", unresolved: "kfunc", number: 0 };
      return { kind: "kfunc", id: imm, module: offset };
    default:
      return { kind: "unknown", id: imm };
  }
}

function poisonOf(id: number): Call | null {
  if (id === POISON_CORE) return { kind: "poison", unresolved: "core_relocation", number: 0 };
  if (id >= POISON_MAP_BASE && id < POISON_MAP_BASE + POISON_RANGE) {
    return { kind: "poison", unresolved: "map", number: id - POISON_MAP_BASE };
  }
  if (id >= POISON_KFUNC_BASE && id < POISON_KFUNC_BASE + POISON_RANGE) {
    return { kind: "poison", unresolved: "kfunc", number: id - POISON_KFUNC_BASE };
  }
  return null;
}

/** What the 64 bits of an ld_imm64 stand for (BPF_PSEUDO_…). */
export type WideKind =
  | "value"
  | "map_fd"
  | "map_value"
  | "btf_id"
  | "function"
  | "map_index"
  | "map_index_value"
  | "unknown";

/** By `src`, in the order of the BPF_PSEUDO_ numbers. */
const wideKinds: readonly WideKind[] = [
  "value",
  "map_fd",
  "map_value",
  "btf_id",
  "function",
  "map_index",
  "map_index_value",
];

/** What an ld_imm64 loads; null for every other instruction. */
export function wideKindOf({ opcode, src }: Instruction): WideKind | null {
  return opcode === LD_IMM64 ? wideKinds.at(src) ?? "unknown" : null;
}
