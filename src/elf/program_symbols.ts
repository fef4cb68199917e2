// The functions of a program or shared library by address. Only the tables are read, and a name
// when it is asked for: such files have hundreds of megabytes.
import { SHT } from "./section.ts";
import { SYMBOL_BYTES } from "./symbol.ts";
import { HEADER_BYTES, SECTION_HEADER_BYTES } from "./header.ts";
import { readWord64 } from "./word64.ts";

/** `length` bytes of the file from `offset` on; null when they are not all there. */
export type ReadAt = (offset: number, length: number) => Uint8Array | null;

export interface FoundFunction {
  /** As the linker wrote it. */
  readonly name: string;
  /** Bytes from the function's beginning. */
  readonly offset: number;
}

/** A part of the file that is mapped. */
export interface Segment {
  readonly fileOffset: number;
  readonly address: number;
  readonly bytes: number;
}

export interface SectionEntry {
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const MAGIC = 0x464c457f;
/** ELFCLASS64, ELFDATA2LSB. */
const CLASS_64_LITTLE = 0x0201;
const PROGRAM_HEADER_BYTES = 56;
export const PT_LOAD = 1;
const PT_NOTE = 4;
export const SHT_DYNSYM = 11;
export const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
const NT_GNU_BUILD_ID = 3;
const GNU = 0x00554e47;

const MAX_HEADERS = 65_535;
const MAX_NOTE_BYTES = 1 << 16;
const MAX_BUILD_ID = 64;
/** 4 million symbols; the largest programs have one. */
export const MAX_SYMBOLS = 1 << 22;
const MAX_NAME_BYTES = 4096;
const MAX_NAMES = 20_000;

export class ProgramSymbols {
  readonly #segments: readonly Segment[];
  readonly #addresses: Float64Array;
  readonly #sizes: Float64Array;
  readonly #nameOffsets: Uint32Array;
  readonly #names: SectionEntry | null;
  readonly #read = new Map<number, string>();

  private constructor(
    /** Hexadecimal; null when the linker gave none. */
    readonly buildId: string | null,
    /** `all`: .symtab; `exported`: a stripped file has only what others link to; `none`. */
    readonly symbols: "all" | "exported" | "none",
    segments: readonly Segment[],
    names: SectionEntry | null,
    functions: Functions,
  ) {
    this.#segments = segments;
    this.#names = names;
    this.#addresses = functions.addresses;
    this.#sizes = functions.sizes;
    this.#nameOffsets = functions.nameOffsets;
  }

  /** Null for what is no ELF file of 64 bits, little endian. Never throws: what is cut has less. */
  static read(readAt: ReadAt): ProgramSymbols | null {
    const headers = readHeaders(readAt);
    if (headers === null) return null;
    const { programs, sections } = headers;
    const whole = sections.find(({ type }) => type === SHT.SYMTAB);
    const table = whole ?? sections.find(({ type }) => type === SHT_DYNSYM);
    const names = table === undefined ? null : sections[table.link] ?? null;
    const found = names?.type === SHT.STRTAB && table !== undefined
      ? functionsOf(readAt, table, sections)
      : noFunctions;
    const kind = found.addresses.length === 0 ? "none" : whole === undefined ? "exported" : "all";
    return new ProgramSymbols(
      buildIdOf(readAt, programs),
      kind,
      programs.filter(({ type }) => type === PT_LOAD),
      names,
      found,
    );
  }

  get count(): number {
    return this.#addresses.length;
  }

  /** The address at which the linker put what is at this place of the file. */
  addressOf(fileOffset: number): number | null {
    const segment = this.#segments.find((one) =>
      fileOffset >= one.fileOffset && fileOffset < one.fileOffset + one.bytes
    );
    return segment === undefined ? null : segment.address + fileOffset - segment.fileOffset;
  }

  /** The function that the address is in; null between functions. */
  find(address: number, readAt: ReadAt): FoundFunction | null {
    let low = 0;
    let high = this.#addresses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const index = low - 1;
    const start = this.#addresses[index];
    if (start === undefined) return null;
    const size = this.#sizes[index] ?? 0;
    if (size > 0 && address >= start + size) return null;
    const name = this.#name(this.#nameOffsets[index] ?? 0, readAt);
    return name === "" ? null : { name, offset: address - start };
  }

  #name(offset: number, readAt: ReadAt): string {
    const known = this.#read.get(offset);
    if (known !== undefined) return known;
    const room = Math.min((this.#names?.size ?? 0) - offset, MAX_NAME_BYTES);
    const bytes = room <= 0 ? null : readAt((this.#names?.offset ?? 0) + offset, room);
    const end = bytes?.indexOf(0) ?? -1;
    const name = bytes === null || end < 0 ? "" : new TextDecoder().decode(bytes.subarray(0, end));
    if (this.#read.size >= MAX_NAMES) this.#read.clear();
    this.#read.set(offset, name);
    return name;
  }
}

/** What the rest of a file is found by. */
export interface ProgramHeaders {
  readonly programs: readonly (Segment & { readonly type: number })[];
  readonly sections: readonly SectionEntry[];
}

/** Null for what is no ELF file of 64 bits, little endian; what is cut has less. */
export function readHeaders(readAt: ReadAt): ProgramHeaders | null {
  const header = viewOf(readAt(0, HEADER_BYTES));
  if (header === null || header.getUint32(0, true) !== MAGIC) return null;
  if (header.getUint16(4) !== CLASS_64_LITTLE) return null;
  return { programs: programHeaders(readAt, header), sections: sectionHeaders(readAt, header) };
}

interface Functions {
  readonly addresses: Float64Array;
  readonly sizes: Float64Array;
  readonly nameOffsets: Uint32Array;
}

const noFunctions: Functions = {
  addresses: new Float64Array(0),
  sizes: new Float64Array(0),
  nameOffsets: new Uint32Array(0),
};

/**
 * By rising address; of several at one address the longest. One without a size, as in assembly,
 * reaches at most to the end of its section: what comes then (stubs of a linker) is none of it.
 */
function functionsOf(
  readAt: ReadAt,
  table: SectionEntry,
  sections: readonly SectionEntry[],
): Functions {
  const count = Math.min(Math.floor(table.size / SYMBOL_BYTES), MAX_SYMBOLS);
  const view = viewOf(readAt(table.offset, count * SYMBOL_BYTES));
  if (view === null) return noFunctions;
  const found: number[] = [];
  const value = (index: number) => readWord64(view, index * SYMBOL_BYTES + 8);
  const size = (index: number) => readWord64(view, index * SYMBOL_BYTES + 16);
  for (let index = 0; index < count; index++) {
    const type = view.getUint8(index * SYMBOL_BYTES + 4) & 0xf;
    if (type !== STT_FUNC && type !== STT_GNU_IFUNC) continue;
    if (view.getUint16(index * SYMBOL_BYTES + 6, true) !== 0) found.push(index); // 0: elsewhere
  }
  const reach = (index: number) => {
    const section = sections[view.getUint16(index * SYMBOL_BYTES + 6, true)];
    if (size(index) > 0 || section === undefined) return size(index);
    return Math.max(1, section.address + section.size - value(index));
  };
  found.sort((one, other) => value(one) - value(other) || size(one) - size(other));
  return {
    addresses: Float64Array.from(found, value),
    sizes: Float64Array.from(found, reach),
    nameOffsets: Uint32Array.from(found, (index) => view.getUint32(index * SYMBOL_BYTES, true)),
  };
}

function programHeaders(readAt: ReadAt, header: DataView): (Segment & { type: number })[] {
  const count = header.getUint16(56, true);
  const view = viewOf(readAt(readWord64(header, 32), count * PROGRAM_HEADER_BYTES));
  if (view === null || header.getUint16(54, true) !== PROGRAM_HEADER_BYTES) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = index * PROGRAM_HEADER_BYTES;
    return {
      type: view.getUint32(at, true),
      fileOffset: readWord64(view, at + 8),
      address: readWord64(view, at + 16),
      bytes: readWord64(view, at + 32),
    };
  });
}

function sectionHeaders(readAt: ReadAt, header: DataView): SectionEntry[] {
  const count = Math.min(header.getUint16(60, true), MAX_HEADERS);
  const offset = readWord64(header, 40);
  if (offset === 0 || header.getUint16(58, true) !== SECTION_HEADER_BYTES) return [];
  const view = viewOf(readAt(offset, count * SECTION_HEADER_BYTES));
  if (view === null) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = index * SECTION_HEADER_BYTES;
    return {
      type: view.getUint32(at + 4, true),
      address: readWord64(view, at + 16),
      offset: readWord64(view, at + 24),
      size: readWord64(view, at + 32),
      link: view.getUint32(at + 40, true),
    };
  });
}

/** The note `GNU` of type 3, in any of the note segments. */
function buildIdOf(
  readAt: ReadAt,
  programs: readonly (Segment & { type: number })[],
): string | null {
  for (const { type, fileOffset, bytes } of programs) {
    if (type !== PT_NOTE) continue;
    const view = viewOf(readAt(fileOffset, Math.min(bytes, MAX_NOTE_BYTES)));
    for (let at = 0; view !== null && at + 16 <= view.byteLength;) {
      const [nameBytes, idBytes] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      const start = at + 12 + align4(nameBytes);
      const isOurs = view.getUint32(at + 8, true) === NT_GNU_BUILD_ID && nameBytes === 4 &&
        view.getUint32(at + 12, true) === GNU;
      if (isOurs && idBytes <= MAX_BUILD_ID && start + idBytes <= view.byteLength) {
        return new Uint8Array(view.buffer, view.byteOffset + start, idBytes).toHex();
      }
      at = start + align4(idBytes);
    }
  }
  return null;
}

function align4(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

export function viewOf(bytes: Uint8Array | null): DataView | null {
  return bytes === null ? null : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
