// Writes small ELF-64 object files for tests, right ones and wrong ones: every field of the header
// and of each section header can be overridden.

export interface SectionFields {
  name: string;
  /** SHT_…; PROGBITS unless told. */
  type?: number;
  /** SHF_… */
  flags?: number;
  data?: Uint8Array;
  link?: number;
  info?: number;
  entrySize?: number;
  /** Instead of where the data really is, and how long it is. */
  offset?: number;
  size?: number;
  nameOffset?: number;
}

export interface SymbolFields {
  name: string;
  /** STT_…; FUNC unless told. */
  type?: number;
  /** STB_…; GLOBAL unless told. */
  binding?: number;
  /** Index of the section, in the order given, from 1. */
  section: number;
  value?: number;
  size?: number;
}

/** Header fields by the names of elf.h, less the `e_`. */
export interface HeaderFields {
  class?: number;
  encoding?: number;
  version?: number;
  type?: number;
  machine?: number;
  shoff?: number;
  shentsize?: number;
  shnum?: number;
  shstrndx?: number;
}

export interface ElfFields {
  sections?: readonly SectionFields[];
  symbols?: readonly SymbolFields[];
  header?: HeaderFields;
}

const HEADER = 64;
const SECTION = 64;
const SYMBOL = 24;

/** A name table that starts with the empty name, and where each name is. */
function nameTable(names: readonly string[]): { data: Uint8Array; offsets: number[] } {
  const offsets: number[] = [];
  let text = "\0";
  for (const name of names) {
    offsets.push(new TextEncoder().encode(text).length);
    text += `${name}\0`;
  }
  return { data: new TextEncoder().encode(text), offsets };
}

function symbolTable(symbols: readonly SymbolFields[], offsets: readonly number[]): Uint8Array {
  const data = new Uint8Array((symbols.length + 1) * SYMBOL);
  const view = new DataView(data.buffer);
  symbols.forEach(({ type = 2, binding = 1, section, value = 0, size = 0 }, index) => {
    const at = (index + 1) * SYMBOL;
    view.setUint32(at, offsets[index], true);
    view.setUint8(at + 4, type | binding << 4);
    view.setUint16(at + 6, section, true);
    view.setBigUint64(at + 8, BigInt(value), true);
    view.setBigUint64(at + 16, BigInt(size), true);
  });
  return data;
}

/**
 * The bytes of an object: the null section, `sections` in order, then `.symtab` and its `.strtab`,
 * then `.shstrtab`.
 */
export function buildElf({ sections = [], symbols = [], header = {} }: ElfFields): Uint8Array {
  const symbolNames = nameTable(symbols.map(({ name }) => name));
  const all: SectionFields[] = [{ name: "", type: 0 }, ...sections, {
    name: ".symtab",
    type: 2,
    data: symbolTable(symbols, symbolNames.offsets),
    link: sections.length + 2,
    entrySize: SYMBOL,
  }, { name: ".strtab", type: 3, data: symbolNames.data }];
  const names = nameTable([...all.map(({ name }) => name), ".shstrtab"]);
  all.push({ name: ".shstrtab", type: 3, data: names.data });
  const size = all.reduce((total, { data }) => total + align8(data?.length ?? 0), HEADER);
  const bytes = new Uint8Array(size + all.length * SECTION);
  const view = new DataView(bytes.buffer);
  writeHeader(view, { shoff: size, shnum: all.length, shstrndx: all.length - 1, ...header });
  let offset = HEADER;
  all.forEach((section, index) => {
    const data = section.data ?? new Uint8Array();
    bytes.set(data, offset);
    const defaults = { nameOffset: names.offsets[index], offset, size: data.length };
    writeSection(view, size + index * SECTION, { ...defaults, ...section });
    offset += align8(data.length);
  });
  return bytes;
}

function align8(size: number): number {
  return Math.ceil(size / 8) * 8;
}

function writeHeader(view: DataView, header: HeaderFields & { shoff: number }): void {
  view.setUint32(0, 0x7f454c46);
  view.setUint8(4, header.class ?? 2);
  view.setUint8(5, header.encoding ?? 1);
  view.setUint8(6, header.version ?? 1);
  view.setUint16(16, header.type ?? 1, true);
  view.setUint16(18, header.machine ?? 247, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(header.shoff), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(58, header.shentsize ?? SECTION, true);
  view.setUint16(60, header.shnum ?? 0, true);
  view.setUint16(62, header.shstrndx ?? 0, true);
}

function writeSection(view: DataView, at: number, section: SectionFields): void {
  view.setUint32(at, section.nameOffset ?? 0, true);
  view.setUint32(at + 4, section.type ?? 1, true);
  view.setBigUint64(at + 8, BigInt(section.flags ?? 0), true);
  view.setBigUint64(at + 24, BigInt(section.offset ?? 0), true);
  view.setBigUint64(at + 32, BigInt(section.size ?? 0), true);
  view.setUint32(at + 40, section.link ?? 0, true);
  view.setUint32(at + 44, section.info ?? 0, true);
  view.setBigUint64(at + 56, BigInt(section.entrySize ?? 0), true);
}
