// The symbol table, read one entry at a time: a file may have millions of them.
import { invalidElf } from "./invalid_elf.ts";
import { NameTable } from "./name_table.ts";
import type { Section } from "./section.ts";
import { readWord64 } from "./word64.ts";

export const SYMBOL_BYTES = 24;

/** Symbol types (elf.h, STT_…). */
export const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3, FILE: 4 } as const;

/** Symbol bindings (elf.h, STB_…). */
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;

export interface ElfSymbol {
  index: number;
  /** Empty for section symbols. */
  name: string;
  /** One of STT, or another number up to 15. */
  type: number;
  /** One of STB, or another number up to 15. */
  binding: number;
  /** The section it lives in; 0 undefined, from 0xff00 on reserved (0xfff1 absolute). */
  section: number;
  /** Offset in that section. */
  value: number;
  /** Size in bytes. */
  size: number;
}

/**
 * Every symbol of `table`, in order. Time and memory are bounded by the file's size.
 * @throws {EBPFError} validation/invalid_elf, reason corrupt
 */
export function* readSymbols(
  table: Section,
  names: Section,
  nameBudget: number,
  subject: string,
): Generator<ElfSymbol> {
  checkEntries(table, SYMBOL_BYTES, subject);
  const strings = new NameTable(names.data(), subject, nameBudget);
  const bytes = table.data();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, index = 0; at < bytes.length; at += SYMBOL_BYTES, index++) {
    const kind = view.getUint8(at + 4);
    yield {
      index,
      name: strings.read(view.getUint32(at, true)),
      type: kind & 0xf,
      binding: kind >> 4,
      section: view.getUint16(at + 6, true),
      value: readWord64(view, at + 8),
      size: readWord64(view, at + 16),
    };
  }
}

/** Refuses a table whose entries do not have `wanted` bytes each, 0 included. */
export function checkEntries(table: Section, wanted: number, subject: string): void {
  if (table.entrySize === wanted && table.size % wanted === 0) return;
  throw invalidElf({
    subject,
    reason: "corrupt",
    current: `section ${table.index} has ${table.size} bytes in entries of ${table.entrySize}`,
    wanted: `whole entries of ${wanted}`,
    context: { section: table.index },
  });
}
