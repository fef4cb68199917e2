// The few instructions that probes are made of, as bytes.
import { fixedBytes } from "../../../ffi/struct.ts";
import { CLASS, JMP, MODE, SIZE } from "../../insn/opcode.ts";

const INSTRUCTION_BYTES = 8;
/** `mov64 dst, imm`. */
const MOV64 = 0xb7;
/** Nothing ever writes it in a probe. */
const UNSET_REGISTER = 9;
/** BPF_PSEUDO_KFUNC_CALL in the source register. */
const KFUNC_CALL = 2;

type Words = readonly [opcode: number, registers: number, immediate: number];

const exit: Words = [CLASS.JMP | JMP.EXIT, 0, 0];

/** Returns 0: what nearly every hook allows. */
export function returnZero(): Uint8Array<ArrayBuffer> {
  return encode([[MOV64, 0, 0], exit]);
}

/** Returns 1: what the others want. */
export function returnOne(): Uint8Array<ArrayBuffer> {
  return encode([[MOV64, 0, 1], exit]);
}

/**
 * Calls a helper with whatever the registers hold, then does what no verifier accepts: reads
 * through a register that was never set. So nothing is ever loaded, and the verifier's words tell
 * how far it came.
 */
export function helperCall(id: number): Uint8Array<ArrayBuffer> {
  return encode([[CLASS.JMP | JMP.CALL, 0, id], readUnset, exit]);
}

/** The same with a kernel function by its id in vmlinux BTF. */
export function kfuncCall(btfId: number): Uint8Array<ArrayBuffer> {
  return encode([[CLASS.JMP | JMP.CALL, KFUNC_CALL << 4, btfId], readUnset, exit]);
}

const readUnset: Words = [CLASS.LDX | MODE.MEM | SIZE.DW, UNSET_REGISTER << 4, 0];

function encode(words: readonly Words[]): Uint8Array<ArrayBuffer> {
  const bytes = fixedBytes(words.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, [opcode, registers, immediate]] of words.entries()) {
    view.setUint8(index * INSTRUCTION_BYTES, opcode);
    view.setUint8(index * INSTRUCTION_BYTES + 1, registers);
    view.setInt32(index * INSTRUCTION_BYTES + 4, immediate, true);
  }
  return bytes;
}
