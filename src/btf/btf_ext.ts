// .BTF.ext: which function and line each instruction is of, and what CO-RE relocates. libbpf trusts
// the numbers in it, so they are held against the BTF before it reads them. Layout: linux/btf.h,
// Documentation/bpf/btf.rst.
import type { Btf } from "./btf.ts";
import { invalidBtf } from "./invalid.ts";

const MAGIC = 0xeb9f;
/** Header without, and with, the CO-RE relocations. */
const SHORT_HEADER = 24;
const HEADER = 32;
const SECTION_HEADER = 8;

/** A record's words that refer to something, counted from its beginning. */
interface RecordLayout {
  readonly name: string;
  /** Smallest record in bytes. */
  readonly bytes: number;
  readonly typeWords: readonly number[];
  readonly stringWords: readonly number[];
}

const functions = { name: "func_info", bytes: 8, typeWords: [1], stringWords: [] };
const lines = { name: "line_info", bytes: 16, typeWords: [], stringWords: [1, 2] };
const relocations = { name: "core_relo", bytes: 16, typeWords: [1], stringWords: [2] };

/**
 * Checks every record of a `.BTF.ext` section.
 * @throws validation/invalid_btf
 */
export function checkBtfExt(bytes: Uint8Array, btf: Btf): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SHORT_HEADER || view.getUint16(0, true) !== MAGIC) {
    throw invalidBtf(".BTF.ext has no header");
  }
  const header = view.getUint32(4, true);
  if (header < SHORT_HEADER || header > bytes.length) {
    throw invalidBtf(`.BTF.ext has a header of ${header} bytes`);
  }
  const parts = header >= HEADER ? [functions, lines, relocations] : [functions, lines];
  parts.forEach((layout, index) => {
    const start = header + view.getUint32(8 + index * 8, true);
    const size = view.getUint32(12 + index * 8, true);
    if (start + size > bytes.length) throw beyond(layout);
    if (size > 0) checkPart(new DataView(view.buffer, view.byteOffset + start, size), layout, btf);
  });
}

/** A record size, then for each ELF section its name, a count, and the records. */
function checkPart(part: DataView, layout: RecordLayout, btf: Btf): void {
  if (part.byteLength < 4) throw beyond(layout);
  const recordBytes = part.getUint32(0, true);
  if (recordBytes < layout.bytes || recordBytes % 4 !== 0) {
    throw invalidBtf(`${layout.name} has records of ${recordBytes} bytes`);
  }
  for (let at = 4; at < part.byteLength;) {
    if (at + SECTION_HEADER > part.byteLength) throw beyond(layout);
    requireString(part.getUint32(at, true), layout, btf);
    const count = part.getUint32(at + 4, true);
    const end = at + SECTION_HEADER + count * recordBytes;
    if (count === 0 || end > part.byteLength) throw beyond(layout);
    for (at += SECTION_HEADER; at < end; at += recordBytes) checkRecord(part, at, layout, btf);
  }
}

function checkRecord(part: DataView, at: number, layout: RecordLayout, btf: Btf): void {
  for (const word of layout.typeWords) {
    const type = part.getUint32(at + word * 4, true);
    if (type >= btf.typeCount) {
      throw invalidBtf(`${layout.name} refers to type ${type}, there are ${btf.typeCount}`);
    }
  }
  for (const word of layout.stringWords) {
    requireString(part.getUint32(at + word * 4, true), layout, btf);
  }
}

function requireString(offset: number, { name }: RecordLayout, btf: Btf): void {
  if (offset < btf.stringsLength) return;
  throw invalidBtf(`${name} refers to the name at ${offset}, there are ${btf.stringsLength} bytes`);
}

function beyond({ name }: RecordLayout): Error {
  return invalidBtf(`${name} goes beyond its section`);
}
