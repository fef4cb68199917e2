// Where functions of known names are in a program or shared library: by .symtab and by .dynsym, as
// a stripped library keeps only what others link to.
import {
  MAX_SYMBOLS,
  PT_LOAD,
  type ReadAt,
  readHeaders,
  type SectionEntry,
  type Segment,
  SHT_DYNSYM,
  STT_FUNC,
  viewOf,
} from "./program_symbols.ts";
import { SHT } from "./section.ts";
import { SYMBOL_BYTES } from "./symbol.ts";
import { readWord64 } from "./word64.ts";

/** What a file's symbol tables say. */
export interface FunctionOffsets {
  /** Bytes from the file's beginning, by name, of those that the file has. */
  readonly offsets: ReadonlyMap<string, number>;
  /** `all`: it has .symtab; `exported`: only .dynsym; `none`: neither. */
  readonly symbols: "all" | "exported" | "none";
}

/** As much as MAX_SYMBOLS names of ordinary length. */
const MAX_STRING_BYTES = 256 << 20;

/**
 * Looks for functions by name; a version behind a name (`malloc@@GLIBC_2.2.5`) is not part of it.
 * Null for what is no ELF file of 64 bits, little endian. Never throws: what is cut has less.
 */
export function functionOffsets(
  readAt: ReadAt,
  names: readonly string[],
): FunctionOffsets | null {
  const headers = readHeaders(readAt);
  if (headers === null) return null;
  const segments = headers.programs.filter(({ type }) => type === PT_LOAD);
  const offsets = new Map<string, number>();
  let symbols: FunctionOffsets["symbols"] = "none";
  for (const wanted of [SHT_DYNSYM, SHT.SYMTAB]) {
    const table = headers.sections.find(({ type }) => type === wanted);
    const strings = table === undefined ? undefined : headers.sections[table.link];
    if (table === undefined || strings?.type !== SHT.STRTAB) continue;
    symbols = wanted === SHT_DYNSYM ? "exported" : "all";
    for (const [name, address] of addressesIn(readAt, table, strings, names)) {
      const offset = offsetOf(segments, address);
      if (offset !== null && !offsets.has(name)) offsets.set(name, offset);
    }
  }
  return { offsets, symbols };
}

/** Of two functions of one name, the first. */
function addressesIn(
  readAt: ReadAt,
  table: SectionEntry,
  strings: SectionEntry,
  names: readonly string[],
): Map<string, number> {
  const found = new Map<string, number>();
  const count = Math.min(Math.floor(table.size / SYMBOL_BYTES), MAX_SYMBOLS);
  const view = viewOf(readAt(table.offset, count * SYMBOL_BYTES));
  const texts = readAt(strings.offset, Math.min(strings.size, MAX_STRING_BYTES));
  if (view === null || texts === null) return found;
  const wanted = names.map((name) => ({ name, bytes: new TextEncoder().encode(`${name}\0`) }));
  for (let index = 0; index < count; index++) {
    const at = index * SYMBOL_BYTES;
    if ((view.getUint8(at + 4) & 0xf) !== STT_FUNC) continue;
    if (view.getUint16(at + 6, true) === 0) continue; // elsewhere
    const start = view.getUint32(at, true);
    const own = wanted.find(({ bytes }) => bytes.every((byte, i) => texts[start + i] === byte));
    if (own === undefined || found.has(own.name)) continue;
    found.set(own.name, readWord64(view, at + 8));
  }
  return found;
}

function offsetOf(segments: readonly Segment[], address: number): number | null {
  const segment = segments.find((one) =>
    address >= one.address && address < one.address + one.bytes
  );
  return segment === undefined ? null : segment.fileOffset + address - segment.address;
}
