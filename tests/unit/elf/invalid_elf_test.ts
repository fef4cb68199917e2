import assert from "node:assert/strict";
import { ElfFile } from "../../../src/elf/elf.ts";
import type { ElfFault } from "../../../src/elf/invalid_elf.ts";
import { EBPFError } from "../../../src/errors.ts";
import { buildElf, type ElfFields, type HeaderFields } from "../../support/elf_builder.ts";
import { objectFile, sections, symbols } from "./object_file.ts";

/** Reads all there is to read, as far as it goes. */
function readAll(bytes: Uint8Array): void {
  const elf = ElfFile.parse(bytes, "x.bpf.o");
  elf.functions();
  for (const section of elf.sections) {
    section.data();
    Array.from(elf.relocations(section));
  }
}

function fault(bytes: Uint8Array): EBPFError {
  try {
    readAll(bytes);
  } catch (error) {
    assert.ok(error instanceof EBPFError, `${error}`);
    assert.equal(error.category, "validation");
    assert.equal(error.code, "invalid_elf");
    assert.match(error.message, /^Cannot read "x\.bpf\.o": .*, wanted /);
    assert.equal(typeof error.context.hint, "string");
    return error;
  }
  throw new assert.AssertionError({ message: "It was accepted" });
}

function ofText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const header = (fields: HeaderFields): Uint8Array =>
  buildElf({ sections, symbols, header: fields });
const object = (fields: ElfFields): Uint8Array => buildElf(fields);
const entries = { name: ".rel", type: 9, link: 2, info: 1, entrySize: 16 };
const shared = { name: ".strtab", type: 3, data: new Uint8Array(4) };
const second = { name: ".symtab2", type: 2, entrySize: 24, link: 1 };
const unnamed = { name: "x", data: ofText("x"), nameOffset: 0xffffff };
const overrunning = { name: "on_open", section: 1, size: 16 };

const table: readonly [name: string, reason: ElfFault, message: RegExp, bytes: Uint8Array][] = [
  ["nothing", "empty", /has 0 bytes, wanted at least 64/, new Uint8Array()],
  ["garbage", "not_elf", /starts with de ad be ef, wanted/, Uint8Array.of(0xde, 0xad, 0xbe, 0xef)],
  ["zeros", "not_elf", /starts with 00 00 00 00/, new Uint8Array(100)],
  ["a script", "not_elf", /looks like a script/, ofText("#!/bin/sh\nmake")],
  ["C source", "not_elf", /looks like C source/, ofText("#include <vmlinux.h>")],
  ["bitcode", "not_elf", /looks like LLVM bitcode/, Uint8Array.of(0x42, 0x43, 0xc0, 0xde, 0)],
  ["gzip", "not_elf", /looks like gzip/, Uint8Array.of(0x1f, 0x8b, 8)],
  ["base64", "not_elf", /looks like base64/, ofText("f0VMRgIBAQ")],
  ["a cut magic", "truncated", /has 3 bytes/, ofText("\x7fEL")],
  ["a cut identification", "truncated", /has 10 bytes/, objectFile().subarray(0, 10)],
  ["a cut header", "truncated", /has 63 bytes/, objectFile().subarray(0, 63)],
  ["a cut table", "truncated", /section table/, objectFile().subarray(0, -1)],
  ["a cut body", "truncated", /section table starts at/, objectFile().subarray(0, 200)],
  ["32 bits", "wrong_class", /class is 32 bits \(1\), wanted 64 bits \(2\)/, header({ class: 1 })],
  ["an unknown class", "wrong_class", /class is unknown \(9\)/, header({ class: 9 })],
  ["big endian", "wrong_endianness", /is big \(2\), wanted little/, header({ encoding: 2 })],
  ["a future version", "corrupt", /version is 2, wanted 1/, header({ version: 2 })],
  ["x86-64", "wrong_machine", /is x86-64 \(62\), wanted BPF \(247\)/, header({ machine: 62 })],
  ["an old LLVM", "wrong_machine", /is none \(0\), wanted BPF/, header({ machine: 0 })],
  ["an executable", "wrong_type", /is executable \(2\), wanted reloc/, header({ type: 2 })],
  ["a shared object", "wrong_type", /is shared object/, header({ type: 3 })],
  ["a core dump", "wrong_type", /is core dump/, header({ type: 4 })],
  ["no table", "corrupt", /no section table/, header({ shoff: 0 })],
  ["a table beyond the end", "truncated", /table starts at/, header({ shoff: 2 ** 40 })],
  ["a table beyond numbers", "truncated", /table starts/, header({ shoff: 2 ** 63 })],
  ["a small entry", "corrupt", /have 40 bytes, wanted 64/, header({ shentsize: 40 })],
  ["too many sections", "truncated", /table ends at/, header({ shnum: 0xff00 })],
  ["no sections", "corrupt", /has 0 sections/, header({ shnum: 0 })],
  ["names by no section", "corrupt", /to name the others/, header({ shstrndx: 99 })],
  ["names by a program", "corrupt", /wanted a string table/, header({ shstrndx: 2 })],
  [
    "a section beyond the end",
    "truncated",
    /section 1 ends at byte/,
    object({
      sections: [{ name: "x", data: ofText("x"), size: 2 ** 50 }],
    }),
  ],
  [
    "a section that wraps",
    "truncated",
    /section 1 ends at byte/,
    object({
      sections: [{ name: "x", data: ofText("x"), offset: 2 ** 63, size: 2 ** 63 }],
    }),
  ],
  ["a name beyond the table", "corrupt", /a name starts at/, object({ sections: [unnamed] })],
  ["two symbol tables", "corrupt", /2 symbol tables/, object({ sections: [shared, second] })],
  [
    "symbols of 0 bytes",
    "corrupt",
    /in entries of 0, wanted whole/,
    object({
      sections: [{ name: "x" }, { name: ".rel", type: 9, info: 1, data: new Uint8Array(16) }],
    }),
  ],
  [
    "half a relocation",
    "corrupt",
    /has 9 bytes in entries of 16/,
    object({
      sections: [{ name: "x" }, { ...entries, data: new Uint8Array(9) }],
    }),
  ],
  [
    "a relocation to nowhere",
    "corrupt",
    /refers to symbol/,
    object({
      sections: [{ name: "x" }, { ...entries, data: new Uint8Array(16).fill(0xff) }],
    }),
  ],
  [
    "overlapping relocations",
    "corrupt",
    /relocations have/,
    object({
      sections: Array.from({ length: 9 }, () => ({ ...entries, offset: 64, size: 512 })),
    }),
  ],
  [
    "a function beyond its section",
    "corrupt",
    /a function ends at byte 16/,
    object({
      sections: [{ name: "xdp", flags: 6, data: new Uint8Array(8) }],
      symbols: [overrunning],
    }),
  ],
];

for (const [name, reason, message, bytes] of table) {
  Deno.test(`ElfFile refuses ${name} as ${reason}`, () => {
    const { context, message: text } = fault(bytes);
    assert.equal(context.reason, reason);
    assert.match(text, message);
  });
}

Deno.test("ElfFile refuses section names that have no end", () => {
  const file = objectFile();
  const view = new DataView(file.buffer);
  const tableOffset = Number(view.getBigUint64(40, true));
  const names = tableOffset + 64 * view.getUint16(62, true);
  const offset = Number(view.getBigUint64(names + 24, true));
  const size = Number(view.getBigUint64(names + 32, true));
  file.fill(0x41, offset, offset + size);
  assert.match(fault(file).message, /has no end/);
});

Deno.test("ElfFile refuses a file whose names repeat beyond its budget", () => {
  const names = new Uint8Array(4096).fill(0x41);
  names[4095] = 0;
  const repeated = Array.from({ length: 2000 }, () => ({ name: "", nameOffset: 0 }));
  const base = buildElf({ sections: [{ name: "n", type: 3, data: names }, ...repeated] });
  new DataView(base.buffer).setUint16(62, 1, true);
  assert.match(fault(base).message, /names repeat/);
});

Deno.test("ElfFile refuses more sections than any object has", () => {
  const file = buildElf({
    sections: [{ name: "x", data: new Uint8Array(65_600 * 64) }],
    header: { shnum: 0, shoff: 64 },
  });
  new DataView(file.buffer).setBigUint64(64 + 32, 65_537n, true);
  assert.match(fault(file).message, /65537 sections, wanted at most 65536/);
});
