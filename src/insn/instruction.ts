// Instructions as values, from the bytes of `struct bpf_insn` as bpf(2) takes them.
import { validationError } from "../errors.ts";
import { LD_IMM64 } from "./opcode.ts";

/** Bytes of `struct bpf_insn`. */
export const INSTRUCTION_BYTES = 8;

export interface Instruction {
  /** Place in the image; an ld_imm64 takes its own and the next. */
  index: number;
  opcode: number;
  dst: number;
  src: number;
  /** Signed 16 bits: a displacement in bytes for memory, in instructions for jumps. */
  offset: number;
  /** Signed 32 bits. */
  imm: number;
  /** The unsigned 64-bit value of an ld_imm64 with both halves, else null. */
  imm64: bigint | null;
}

/** How many instructions the kernel counts: both halves of each ld_imm64 are counted. */
export function instructionCount(image: Uint8Array): number {
  return image.length / INSTRUCTION_BYTES;
}

/**
 * Every instruction of `image`, in order. A second half that the kernel would refuse is not taken
 * for one: what it hides is yielded as an instruction of its own.
 * @throws {EBPFError} validation/invalid_arguments when the size is no multiple of 8
 */
export function* instructions(image: Uint8Array): Generator<Instruction> {
  if (image.length % INSTRUCTION_BYTES !== 0) {
    const message = `Cannot decode instructions: the image has ${image.length} bytes, ` +
      `wanted a multiple of ${INSTRUCTION_BYTES}`;
    throw validationError("invalid_arguments", message, { size: image.length });
  }
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const count = instructionCount(image);
  for (let index = 0; index < count; index++) {
    const at = index * INSTRUCTION_BYTES;
    const opcode = view.getUint8(at);
    const registers = view.getUint8(at + 1);
    const imm64 = opcode === LD_IMM64 ? wideImmediate(view, at) : null;
    yield {
      index,
      opcode,
      dst: registers & 0xf,
      src: registers >> 4,
      offset: view.getInt16(at + 2, true),
      imm: view.getInt32(at + 4, true),
      imm64,
    };
    if (imm64 !== null) index++;
  }
}

/** The value across both halves; null when there is no second half, or it has more than `imm`. */
function wideImmediate(view: DataView, at: number): bigint | null {
  const next = at + INSTRUCTION_BYTES;
  if (next === view.byteLength || view.getUint32(next, true) !== 0) return null;
  return BigInt(view.getUint32(next + 4, true)) << 32n | BigInt(view.getUint32(at + 4, true));
}
