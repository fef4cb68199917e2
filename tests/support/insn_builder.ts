// Instructions to bytes, for tests that need an image without a compiler.

export interface Fields {
  dst?: number;
  src?: number;
  offset?: number;
  imm?: number;
}

/** The 8 bytes of one `struct bpf_insn`. */
export function insn(opcode: number, fields: Fields = {}): Uint8Array {
  const { dst = 0, src = 0, offset = 0, imm = 0 } = fields;
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, opcode);
  view.setUint8(1, dst | src << 4);
  view.setInt16(2, offset, true);
  view.setInt32(4, imm, true);
  return bytes;
}

/** The 16 bytes of an ld_imm64; `src` says what the value stands for (BPF_PSEUDO_…). */
export function ldImm64(dst: number, value: bigint, src = 0): Uint8Array {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return image(insn(0x18, { dst, src, imm: low }), insn(0, { imm: high }));
}

export function helperCall(id: number): Uint8Array {
  return insn(0x85, { imm: id });
}

export function kfuncCall(btfId: number, module = 0): Uint8Array {
  return insn(0x85, { src: 2, offset: module, imm: btfId });
}

/** A call of a subprogram, `distance` instructions after the next one. */
export function subprogramCall(distance: number): Uint8Array {
  return insn(0x85, { src: 1, imm: distance });
}

export function exit(): Uint8Array {
  return insn(0x95);
}

/** Instructions one after the other. */
export function image(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
