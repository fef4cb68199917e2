import assert from "node:assert/strict";
import * as fc from "fast-check";
import { PerfMap } from "../../../src/elf/perf_map.ts";
import { ProgramSymbols, type ReadAt } from "../../../src/elf/program_symbols.ts";

interface Function {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

const SYMTAB = 2;
const DYNSYM = 11;

/** A program with one segment at 0x400000 and one table of functions. */
function program(functions: readonly Function[], table = SYMTAB): Uint8Array {
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
  view.setUint16(60, 3, true);
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
    view.setUint16(at + 6, 1, true);
    view.setBigUint64(at + 8, BigInt(address), true);
    view.setBigUint64(at + 16, BigInt(size), true);
  });
  bytes.set(strings, names);
  section(view, sections + 64, table, symbols, functions.length * 24, 2);
  section(view, sections + 128, 3, names, strings.length, 0);
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

function reader(bytes: Uint8Array): ReadAt {
  return (offset, length) =>
    offset >= 0 && offset + length <= bytes.length ? bytes.slice(offset, offset + length) : null;
}

const functions = [
  { name: "second", address: 0x400200, size: 0x40 },
  { name: "first", address: 0x400100, size: 0x80 },
  { name: "alias", address: 0x400100, size: 0x10 },
  { name: "unsized", address: 0x400300, size: 0 },
];

Deno.test("ProgramSymbols: finds the function that an address is in", () => {
  const readAt = reader(program(functions));
  const symbols = ProgramSymbols.read(readAt);
  const at = (address: number) => {
    const found = symbols?.find(address, readAt) ?? null;
    return found === null ? null : `${found.name}+${found.offset}`;
  };
  assert.equal(symbols?.symbols, "all");
  assert.equal(symbols.count, 4);
  assert.equal(symbols.buildId, "0102000003040000");
  assert.equal(at(0x4000ff), null);
  assert.equal(at(0x400100), "first+0", "the longer of two at one address");
  assert.equal(at(0x40017f), "first+127");
  assert.equal(at(0x400180), null, "between two functions");
  assert.equal(at(0x40023f), "second+63");
  assert.equal(at(0x400400), "unsized+256", "a size that is not told ends nowhere");
});

Deno.test("ProgramSymbols: tells what a stripped file exports from what it lacks", () => {
  const read = (bytes: Uint8Array) => ProgramSymbols.read(reader(bytes))?.symbols;
  assert.equal(read(program(functions, DYNSYM)), "exported");
  assert.equal(read(program([])), "none");
  assert.equal(read(program(functions, 7)), "none");
});

Deno.test("ProgramSymbols: places of the file become addresses of the linker", () => {
  const symbols = ProgramSymbols.read(reader(program(functions)));
  assert.equal(symbols?.addressOf(0x120), 0x400120);
  assert.equal(symbols?.addressOf(0x1000), null);
});

Deno.test("ProgramSymbols: refuses what is no program of 64 bits, little endian", () => {
  const good = program(functions);
  const changed = (at: number, byte: number) => {
    const bytes = good.slice();
    bytes[at] = byte;
    return ProgramSymbols.read(reader(bytes));
  };
  assert.equal(changed(0, 0), null);
  assert.equal(changed(4, 1), null);
  assert.equal(changed(5, 2), null);
  assert.equal(ProgramSymbols.read(reader(new Uint8Array(0))), null);
});

Deno.test("ProgramSymbols: never throws, whatever bytes a program has changed", () => {
  const good = program(functions);
  const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 24 });
  fc.assert(fc.property(changes, fc.nat(good.length), (list, length) => {
    const bytes = good.slice();
    for (const [at, byte] of list) bytes[at] = byte;
    const readAt = reader(bytes.subarray(0, Math.max(length, 64)));
    const symbols = ProgramSymbols.read(readAt);
    for (const { address } of functions) symbols?.find(address, readAt);
    symbols?.addressOf(0x100);
  }));
});

Deno.test("PerfMap: finds code by address, the last line of one address counts", () => {
  const map = new PerfMap(
    "3000 10 later\n1000 20 LazyCompile:~f a.js:1\nbad line\n1000 30 rewritten\n\n2000 zz x\n",
  );
  assert.equal(map.count, 2);
  assert.deepEqual(map.find(0x1000), { name: "rewritten", offset: 0 });
  assert.deepEqual(map.find(0x102f), { name: "rewritten", offset: 0x2f });
  assert.equal(map.find(0x1030), null);
  assert.equal(map.find(0xfff), null);
  assert.deepEqual(map.find(0x300f), { name: "later", offset: 15 });
  assert.equal(new PerfMap("").find(1), null);
});
