import assert from "node:assert/strict";
import { ElfFile } from "../../../src/elf/elf.ts";
import { buildElf } from "../../support/elf_builder.ts";
import { objectFile, program, sections } from "./object_file.ts";

Deno.test("ElfFile.parse reads every section with its fields", () => {
  const elf = ElfFile.parse(objectFile());
  assert.deepEqual(elf.sections.slice(1, 7).map(({ name }) => name), sections.map((s) => s.name));
  const table = elf.section(".reltracepoint/syscalls/sys_enter_openat");
  assert.equal(table?.type, 9);
  assert.equal(table?.index, 3);
  assert.equal(table?.link, 7);
  assert.equal(table?.info, 2);
  assert.equal(table?.entrySize, 16);
  assert.equal(table?.size, 16);
  assert.equal(elf.sections[0].size, 0);
});

Deno.test("ElfFile.section answers null for a name that no section has", () => {
  const elf = ElfFile.parse(objectFile());
  assert.equal(elf.section(".BTF.ext"), null);
  assert.equal(elf.hasSection(".BTF.ext"), false);
  assert.equal(elf.hasSection(".BTF"), true);
});

Deno.test("ElfFile.section gives the first of two sections of one name", () => {
  const twice = [{ name: "xdp", data: Uint8Array.of(1) }, { name: "xdp", data: Uint8Array.of(2) }];
  const elf = ElfFile.parse(buildElf({ sections: twice }));
  assert.equal(elf.section("xdp")?.index, 1);
});

Deno.test("ElfFile.hasBtf tells an object without BTF from one with it", () => {
  assert.equal(ElfFile.parse(objectFile()).hasBtf, true);
  assert.equal(ElfFile.parse(buildElf({})).hasBtf, false);
});

Deno.test("ElfFile.programSections has executable sections other than .text", () => {
  const elf = ElfFile.parse(objectFile());
  assert.deepEqual(elf.programSections.map(({ index }) => index), [2]);
});

Deno.test("ElfFile.functions has programs and subprograms, and no data", () => {
  assert.deepEqual(ElfFile.parse(objectFile()).functions(), [
    {
      name: "on_open",
      section: "tracepoint/syscalls/sys_enter_openat",
      offset: 0,
      size: program.length,
    },
    { name: "add", section: ".text", offset: 0, size: 8 },
  ]);
});

Deno.test("ElfFile.symbols has every symbol in order", () => {
  const elf = ElfFile.parse(objectFile());
  const symbols = [...elf.symbols()];
  assert.equal(elf.symbolCount, 4);
  assert.deepEqual(symbols.map(({ name }) => name), ["", "on_open", "add", "counts"]);
  assert.deepEqual(symbols[2], {
    index: 2,
    name: "add",
    type: 2,
    binding: 0,
    section: 1,
    value: 0,
    size: 8,
  });
});

Deno.test("ElfFile.relocations has those of the section and of no other", () => {
  const elf = ElfFile.parse(objectFile());
  assert.deepEqual([...elf.relocations(elf.sections[2])], [{ offset: 0, symbol: 3, type: 1 }]);
  assert.deepEqual([...elf.relocations(elf.sections[1])], []);
});

Deno.test("ElfFile.license is the text up to its NUL, cut as libbpf cuts it", () => {
  const withLicense = (text: string) =>
    ElfFile.parse(buildElf({
      sections: [{ name: "license", data: new TextEncoder().encode(text) }],
    })).license;
  assert.equal(ElfFile.parse(objectFile()).license, "Dual BSD/GPL");
  assert.equal(withLicense("GPL"), "GPL");
  assert.equal(withLicense("x".repeat(100)), "x".repeat(63));
  assert.equal(ElfFile.parse(buildElf({})).license, null);
});

Deno.test("Section.data is a view into the file, also of 30 MiB, and empty for .bss", () => {
  const debug = { name: ".debug_info", data: new Uint8Array(30 * 2 ** 20) };
  const file = buildElf({ sections: [debug, ...sections] });
  const elf = ElfFile.parse(file);
  const data = elf.section(".debug_info")?.data();
  assert.equal(data?.buffer, file.buffer);
  assert.equal(data?.length, 30 * 2 ** 20);
  assert.equal(elf.section(".bss")?.size, 4096);
  assert.equal(elf.section(".bss")?.data().length, 0);
});

Deno.test("ElfFile.parse reads a file that does not start its buffer", () => {
  const file = objectFile();
  const buffer = new Uint8Array(file.length + 7);
  buffer.set(file, 7);
  const elf = ElfFile.parse(buffer.subarray(7));
  assert.deepEqual(elf.sections[2].data(), program);
  assert.deepEqual(elf.functions().map(({ name }) => name), ["on_open", "add"]);
});

Deno.test("ElfFile.parse reads an object with 200 programs and one without maps", () => {
  const many = Array.from({ length: 200 }, (_, index) => ({
    name: `raw_tp/program_${index}`,
    flags: 6,
    data: program,
  }));
  const symbols = many.map((_, index) => ({
    name: `program_${index}`,
    section: index + 1,
    size: program.length,
  }));
  const elf = ElfFile.parse(buildElf({ sections: many, symbols }));
  assert.equal(elf.programSections.length, 200);
  assert.equal(elf.functions().length, 200);
});

Deno.test("ElfFile.parse follows extended section numbering", () => {
  const plain = objectFile();
  const file = buildElf({ sections, header: { shnum: 0, shstrndx: 0xffff } });
  const view = new DataView(file.buffer);
  const table = Number(view.getBigUint64(40, true));
  const count = ElfFile.parse(plain).sections.length;
  view.setBigUint64(table + 32, BigInt(count), true);
  view.setUint32(table + 40, count - 1, true);
  const elf = ElfFile.parse(file);
  assert.equal(elf.sections.length, count);
  assert.equal(elf.section("license")?.size, 13);
});

Deno.test("ElfFile.parse lets sections overlap, which harms no reader", () => {
  const overlapping = [
    { name: "xdp", flags: 6, data: program },
    { name: "tc", flags: 6, data: program, offset: 64 },
  ];
  const elf = ElfFile.parse(buildElf({ sections: overlapping }));
  assert.deepEqual(elf.section("tc")?.data(), elf.section("xdp")?.data());
});
