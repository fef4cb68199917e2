// One instruction of a program that the kernel has rewritten, as `bpftool prog dump xlated` shows
// it: maps by their ids, calls by the name of the kernel function they end in.
import { disassemble } from "./disassemble.ts";
import type { Instruction } from "./instruction.ts";
import { CLASS, classOf, JMP, LD_IMM64, modeOf, operationOf, SOURCE, sourceOf } from "./opcode.ts";

/** Names of what calls lead to; null where nobody knows. */
export interface CallNames {
  /** A helper by its number: the few that the kernel does not rewrite. */
  helper(id: number): string | null;
  /** A kernel function by its distance from `__bpf_call_base`. */
  kernelFunction(distance: number): string | null;
  /** A function of the same program by its number, the main one being 0. */
  subprogram(index: number): string | null;
}

/** `src` of a call: BPF_PSEUDO_CALL. */
const PSEUDO_CALL = 1;
/** `src` of an ld_imm64: BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE, BPF_PSEUDO_FUNC. */
const PSEUDO_MAP_FD = 1;
const PSEUDO_MAP_VALUE = 2;
const PSEUDO_FUNC = 4;
/** BPF_NOSPEC, an ST of this mode: the verifier's barrier against speculation. */
const NOSPEC_MODE = 0xc0;

/** The text of one translated instruction, without its opcode. */
export function disassembleTranslated(instruction: Instruction, names: CallNames): string {
  const { opcode } = instruction;
  if (opcode === LD_IMM64) return wideLoad(instruction);
  const kind = classOf(opcode);
  if (kind === CLASS.JMP && operationOf(opcode) === JMP.CALL && sourceOf(opcode) === SOURCE.K) {
    return call(instruction, names);
  }
  if (kind === CLASS.ST && modeOf(opcode) === NOSPEC_MODE) return "nospec";
  return disassemble(instruction);
}

function wideLoad(instruction: Instruction): string {
  const { dst, src, imm, imm64 } = instruction;
  if (imm64 === null) return disassemble(instruction);
  switch (src) {
    case PSEUDO_MAP_FD:
      return `r${dst} = map[id:${imm >>> 0}]`;
    case PSEUDO_MAP_VALUE:
      return `r${dst} = map[id:${imm >>> 0}][0]+${imm64 >> 32n}`;
    case PSEUDO_FUNC:
      return `r${dst} = subprog[${signed(imm)}]`;
    default:
      return `r${dst} = 0x${imm64.toString(16)}`;
  }
}

/** In a translated call of a subprogram `offset` leads to it, and `imm` is its number. */
function call({ src, offset, imm }: Instruction, names: CallNames): string {
  if (src === PSEUDO_CALL) {
    const name = names.subprogram(imm);
    return `call pc${signed(offset)}${name === null ? "" : `#${name}`}`;
  }
  const helper = src === 0 ? names.helper(imm) : null;
  return `call ${helper ?? names.kernelFunction(imm) ?? "unknown"}#${imm}`;
}

function signed(value: number): string {
  return value < 0 ? `${value}` : `+${value}`;
}
