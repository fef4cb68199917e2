// The ELF header: everything that decides whether a file is a BPF object at all.
import { type ElfFault, invalidElf } from "./invalid_elf.ts";
import { foreignFormat } from "./foreign_format.ts";
import { readWord64 } from "./word64.ts";

/** Sizes and values of the ELF-64 format that more than one file here needs (elf.h). */
export const HEADER_BYTES = 64;
export const SECTION_HEADER_BYTES = 64;

const MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
const IDENT_BYTES = 16;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const EV_CURRENT = 1;
const ET_REL = 1;
const EM_BPF = 247;
const SHN_XINDEX = 0xffff;
/** Far above any real object; keeps what a hostile table can make us allocate small. */
const MAX_SECTIONS = 65_536;

const classes: ReadonlyMap<number, string> = new Map([[1, "32 bits"], [2, "64 bits"]]);
const encodings: ReadonlyMap<number, string> = new Map([[1, "little"], [2, "big"]]);
const types: ReadonlyMap<number, string> = new Map([
  [0, "none"],
  [1, "relocatable"],
  [2, "executable"],
  [3, "shared object or executable"],
  [4, "core dump"],
]);
const machines: ReadonlyMap<number, string> = new Map([
  [0, "none"],
  [3, "x86"],
  [8, "MIPS"],
  [20, "PowerPC"],
  [21, "PowerPC 64"],
  [22, "s390"],
  [40, "ARM"],
  [62, "x86-64"],
  [183, "AArch64"],
  [243, "RISC-V"],
  [247, "BPF"],
  [258, "LoongArch"],
]);

/** Where the section headers are, how many, and which one names the others. */
export interface ElfHeader {
  sectionTableOffset: number;
  sectionCount: number;
  nameTableIndex: number;
}

function named(names: ReadonlyMap<number, string>, value: number): string {
  return `${names.get(value) ?? "unknown"} (${value})`;
}

/**
 * Reads and checks the header: ELF, 64 bits, little endian, relocatable, for BPF, with a section
 * table inside the file. Extended numbering (`e_shnum` 0, `e_shstrndx` 0xffff) is followed.
 * @throws {EBPFError} validation/invalid_elf with `reason`
 */
export function readHeader(bytes: Uint8Array, subject: string): ElfHeader {
  checkIdentity(bytes, subject);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkKind(view, subject);
  return locateSections(view, subject);
}

function checkIdentity(bytes: Uint8Array, subject: string): void {
  const fail = (reason: ElfFault, current: string, wanted: string): never => {
    throw invalidElf({ subject, reason, current, wanted });
  };
  const size = bytes.length;
  if (size === 0) fail("empty", "it has 0 bytes", `at least ${HEADER_BYTES}`);
  if (!MAGIC.every((byte, at) => at >= size || bytes[at] === byte)) throw notElf(bytes, subject);
  if (size < IDENT_BYTES) fail("truncated", `it has ${size} bytes`, `at least ${HEADER_BYTES}`);
  const [elfClass, encoding, version] = bytes.subarray(4, 7);
  if (elfClass !== ELFCLASS64) {
    fail("wrong_class", `class is ${named(classes, elfClass)}`, named(classes, ELFCLASS64));
  }
  if (encoding !== ELFDATA2LSB) {
    const current = `byte order is ${named(encodings, encoding)}`;
    fail("wrong_endianness", current, named(encodings, ELFDATA2LSB));
  }
  if (version !== EV_CURRENT) fail("corrupt", `ELF version is ${version}`, `${EV_CURRENT}`);
  if (size < HEADER_BYTES) fail("truncated", `it has ${size} bytes`, `at least ${HEADER_BYTES}`);
}

function notElf(bytes: Uint8Array, subject: string): Error {
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
  const format = foreignFormat(bytes);
  const looks = format === null ? "" : `, which looks like ${format.name}`;
  return invalidElf({
    subject,
    reason: "not_elf",
    current: `it starts with ${start.join(" ")}${looks}`,
    wanted: "the ELF magic 7f 45 4c 46",
    context: format === null ? {} : { looks_like: format.name, hint: format.hint },
  });
}

function checkKind(view: DataView, subject: string): void {
  const machine = view.getUint16(18, true);
  if (machine !== EM_BPF) {
    const current = `machine is ${named(machines, machine)}`;
    const wanted = named(machines, EM_BPF);
    throw invalidElf({ subject, reason: "wrong_machine", current, wanted });
  }
  const type = view.getUint16(16, true);
  if (type !== ET_REL) {
    const current = `file type is ${named(types, type)}`;
    throw invalidElf({ subject, reason: "wrong_type", current, wanted: named(types, ET_REL) });
  }
}

function locateSections(view: DataView, subject: string): ElfHeader {
  const fail = (reason: ElfFault, current: string, wanted: string): never => {
    throw invalidElf({ subject, reason, current, wanted });
  };
  const size = view.byteLength;
  const offset = readWord64(view, 40);
  const entryBytes = view.getUint16(58, true);
  if (offset === 0) fail("corrupt", "it has no section table", "one");
  if (entryBytes !== SECTION_HEADER_BYTES) {
    fail("corrupt", `section headers have ${entryBytes} bytes`, `${SECTION_HEADER_BYTES}`);
  }
  if (offset + SECTION_HEADER_BYTES > size) {
    fail("truncated", `the section table starts at ${offset}`, `it within ${size} bytes`);
  }
  const count = view.getUint16(60, true) || readWord64(view, offset + 32);
  if (count === 0) fail("corrupt", "it has 0 sections", "at least 1");
  if (count > MAX_SECTIONS) fail("corrupt", `it has ${count} sections`, `at most ${MAX_SECTIONS}`);
  const end = offset + count * SECTION_HEADER_BYTES;
  if (end > size) fail("truncated", `the section table ends at ${end}`, `it within ${size} bytes`);
  const names = view.getUint16(62, true);
  const nameTableIndex = names === SHN_XINDEX ? view.getUint32(offset + 40, true) : names;
  return { sectionTableOffset: offset, sectionCount: count, nameTableIndex };
}
