// Object files: what a client sends before libbpf sees a byte of it.
import { ElfFile } from "../../src/elf/elf.ts";
import { readHeader } from "../../src/elf/header.ts";
import type { Section } from "../../src/elf/section.ts";
import { gadgetFile, objectFiles } from "./corpus.ts";
import { changeField, joined, mutate, someWord } from "./mutate.ts";
import { attempt, expect } from "./oracle.ts";
import type { Random } from "./random.ts";
import type { Depth, Prepared, Target } from "./target.ts";

const allowed = new Set(["validation/invalid_elf"]);
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SYMTAB = 2;
const RELOCATIONS = 9;
/** What libbpf keeps of a license. */
const LICENSE_BYTES = 63;

/** What people hand over instead of an object. */
const FOREIGN = [
  "\x1f\x8b\x08",
  "BC\xc0\xde",
  "#include <linux/bpf.h>",
  "#!/bin/sh",
  "<!doctype html>",
  "f0VMRgIBAQ==",
  "!<arch>\n",
  "\x7fEL",
];

export const elfTarget: Target = {
  name: "elf",
  files: [
    "src/elf/elf.ts",
    "src/elf/foreign_format.ts",
    "src/elf/header.ts",
    "src/elf/invalid_elf.ts",
    "src/elf/name_table.ts",
    "src/elf/relocation.ts",
    "src/elf/section.ts",
    "src/elf/symbol.ts",
    "src/elf/word64.ts",
  ],
  cases: { short: 20_000, long: 1_000_000 },
  processes: 2,
  caseMs: 250,
  clock: "processor",
  prepare: async () => new ElfFuzz([...await objectFiles(), await gadgetFile()]),
};

class ElfFuzz implements Prepared {
  readonly #files: readonly Uint8Array<ArrayBuffer>[];

  constructor(files: readonly Uint8Array<ArrayBuffer>[]) {
    this.#files = files;
  }

  make(random: Random): Uint8Array<ArrayBuffer> {
    const file = random.pick(this.#files);
    if (random.once(40)) return foreign(random, file);
    if (random.once(12)) return headerChanged(random, file);
    const changed = random.once(3) ? mutate(random, file, HEADER_BYTES) : file.slice();
    if (random.once(16)) return changed;
    for (let round = random.between(1, 5); round > 0; round--) changeTable(random, changed);
    return changed;
  }

  run(input: Uint8Array<ArrayBuffer>): Depth {
    const header = attempt(allowed, () => readHeader(input, "fuzz"));
    const file = attempt(allowed, () => ElfFile.parse(input));
    if (file !== null) checkFile(file, input.length);
    return header === null ? "refused" : "past";
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function foreign(random: Random, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = Uint8Array.from(random.pick(FOREIGN), (character) => character.charCodeAt(0));
  return joined(start, random.bytes(random.below(80)), file.subarray(0, random.below(200)));
}

/** A change in the ELF header itself, or a file that ends within it. */
function headerChanged(random: Random, file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (random.once(4)) return file.slice(0, random.below(HEADER_BYTES + 2));
  const head = file.slice(0, HEADER_BYTES);
  changeField(random, head, 0);
  return joined(head, file.subarray(HEADER_BYTES));
}

/** A change of one field of a section header, a symbol or a relocation. */
function changeTable(random: Random, bytes: Uint8Array): void {
  const header = attempt(allowed, () => readHeader(bytes, "fuzz"));
  if (header === null) return;
  const view = new DataView(bytes.buffer);
  const at = header.sectionTableOffset + random.below(header.sectionCount) * SECTION_BYTES;
  const type = view.getUint32(at + 4, true);
  const [offset, size] = [view.getUint32(at + 24, true), view.getUint32(at + 32, true)];
  const entry = type === SYMTAB ? 24 : type === RELOCATIONS ? 16 : 0;
  if (entry > 0 && offset + size <= bytes.length && size >= entry && !random.once(3)) {
    const place = offset + random.below(Math.floor(size / entry)) * entry + random.below(6) * 4;
    setWord(random, view, place);
    return;
  }
  setWord(random, view, at + random.below(SECTION_BYTES / 4) * 4);
}

function setWord(random: Random, view: DataView, at: number): void {
  if (at + 4 > view.byteLength) return;
  view.setUint32(at, someWord(random, view.getUint32(at, true)), true);
}

/** Reads everything that the file offers. */
function checkFile(file: ElfFile, fileSize: number): void {
  let held = 0;
  for (const section of file.sections) {
    held += checkSection(file, section, fileSize);
  }
  attempt(allowed, () => {
    for (const { index, type, binding } of file.symbols()) {
      expect(index < file.symbolCount && type < 16 && binding < 16, () => `symbol ${index}`);
    }
  });
  for (const { name, section, offset, size } of attempt(allowed, () => file.functions()) ?? []) {
    const home = file.sections.filter((one) => one.name === section && one.isExecutable);
    const fits = home.some((one) => offset + size <= one.size);
    expect(fits, () => `function "${name}" ends outside "${section}"`);
  }
  const license = file.license ?? "";
  expect(license.length <= LICENSE_BYTES, () => `the license has ${license.length} characters`);
  expect(file.hasBtf === (file.section(".BTF") !== null), () => "hasBtf and section differ");
  expect(file.programSections.length <= file.sections.length, () => "program sections");
  expect(held <= file.sections.length * fileSize, () => "more data than file");
}

function checkSection(file: ElfFile, section: Section, fileSize: number): number {
  const { length } = section.data();
  expect(length <= fileSize, () => `section ${section.index} has ${length} bytes`);
  expect(length === 0 || length === section.size, () => `section ${section.index} is cut`);
  expect(section.offset + length <= fileSize || length === 0, () => `section ${section.index}`);
  expect((section.flags & 0xffff_ffff) >>> 0 === section.flags, () => "flags are no word");
  attempt(allowed, () => {
    for (const { symbol } of file.relocations(section)) {
      expect(symbol < file.symbolCount, () => `relocation of symbol ${symbol}`);
    }
  });
  return length;
}
