// A program as a linker writes it, as far as its functions are looked up in it.
import type { ReadAt } from "../../../src/elf/program_symbols.ts";

interface Function {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

export const SYMTAB = 2;
export const DYNSYM = 11;
/** The section that functions are in: from 0x400000 on, 0x380 bytes. */
const CODE = 3;

/** A program with one segment at 0x400000 and one table of functions. */
export function program(functions: readonly Function[], table = SYMTAB): Uint8Array {
  const texts = `\0${functions.map(({ name }) => `${name}\0`).join("")}`;
  const strings = new TextEncoder().encode(texts);
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  const [programs, note, symbols, names, sections] = [64, 200, 0x200, 0x800, 0xc00];
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setBigUint64(32, BigInt(programs), true);
  view.setBigUint64(40, BigInt(sections), true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 4, true);
  view.setUint32(programs, 1, true);
  view.setBigUint64(programs + 8, 0n, true);
  view.setBigUint64(programs + 16, 0x400000n, true);
  view.setBigUint64(programs + 32, 0x1000n, true);
  view.setUint32(programs + 56, 4, true);
  view.setBigUint64(programs + 64, BigInt(note), true);
  view.setBigUint64(programs + 88, 24n, true);
  [4, 8, 3, 0x554e47, 0x0201, 0x0403].forEach((word, at) =>
    view.setUint32(note + at * 4, word, true)
  );
  functions.forEach(({ name, address, size }, index) => {
    const at = symbols + index * 24;
    view.setUint32(at, texts.indexOf(`\0${name}\0`) + 1, true);
    view.setUint8(at + 4, 0x12);
    view.setUint16(at + 6, CODE, true);
    view.setBigUint64(at + 8, BigInt(address), true);
    view.setBigUint64(at + 16, BigInt(size), true);
  });
  bytes.set(strings, names);
  section(view, sections + 64, table, symbols, functions.length * 24, 2);
  section(view, sections + 128, 3, names, strings.length, 0);
  section(view, sections + 64 * CODE, 1, 0, 0x380, 0);
  view.setBigUint64(sections + 64 * CODE + 16, 0x400000n, true);
  return bytes;
}

function section(
  view: DataView,
  at: number,
  type: number,
  offset: number,
  size: number,
  to: number,
) {
  view.setUint32(at + 4, type, true);
  view.setBigUint64(at + 24, BigInt(offset), true);
  view.setBigUint64(at + 32, BigInt(size), true);
  view.setUint32(at + 40, to, true);
}

export function reader(bytes: Uint8Array): ReadAt {
  return (offset, length) =>
    offset >= 0 && offset + length <= bytes.length ? bytes.slice(offset, offset + length) : null;
}

export const functions = [
  { name: "second", address: 0x400200, size: 0x40 },
  { name: "first", address: 0x400100, size: 0x80 },
  { name: "alias", address: 0x400100, size: 0x10 },
  { name: "unsized", address: 0x400300, size: 0 },
];
