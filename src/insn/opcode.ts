// The opcode byte of an instruction: class, and by class operation and source or size and mode
// (include/uapi/linux/bpf.h and bpf_common.h, with their names).

export const CLASS = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, JMP32: 6, ALU64: 7 } as const;

/** Where the second operand of an ALU or jump instruction is: in `imm` (K) or in `src` (X). */
export const SOURCE = { K: 0x00, X: 0x08 } as const;

/** How loads and stores address. */
export const MODE = {
  IMM: 0x00,
  ABS: 0x20,
  IND: 0x40,
  MEM: 0x60,
  MEMSX: 0x80,
  ATOMIC: 0xc0,
} as const;

/** What loads and stores move: 4, 2, 1 or 8 bytes. */
export const SIZE = { W: 0x00, H: 0x08, B: 0x10, DW: 0x18 } as const;

export const ALU = { DIV: 0x30, NEG: 0x80, MOD: 0x90, MOV: 0xb0, END: 0xd0 } as const;

export const JMP = { JA: 0x00, CALL: 0x80, EXIT: 0x90, JCOND: 0xe0 } as const;

/** What an atomic instruction does, in its `imm`; ADD, OR, AND and XOR may have FETCH set. */
export const ATOMIC = {
  ADD: 0x00,
  FETCH: 0x01,
  OR: 0x40,
  AND: 0x50,
  XOR: 0xa0,
  XCHG: 0xe1,
  CMPXCHG: 0xf1,
  LOAD_ACQUIRE: 0x100,
  STORE_RELEASE: 0x110,
} as const;

/** BPF_LD | BPF_IMM | BPF_DW: the one instruction that takes two places. */
export const LD_IMM64 = 0x18;

export function classOf(opcode: number): number {
  return opcode & 0x07;
}

/** The operation of an ALU or jump instruction: one of ALU or JMP, or another multiple of 16. */
export function operationOf(opcode: number): number {
  return opcode & 0xf0;
}

export function sourceOf(opcode: number): number {
  return opcode & 0x08;
}

export function sizeOf(opcode: number): number {
  return opcode & 0x18;
}

export function modeOf(opcode: number): number {
  return opcode & 0xe0;
}
