import assert from "node:assert/strict";
import * as fc from "fast-check";
import { PerfMap } from "../../../src/elf/perf_map.ts";
import { ProgramSymbols } from "../../../src/elf/program_symbols.ts";
import { DYNSYM, functions, program, reader } from "./program_file.ts";

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
  assert.equal(at(0x40037f), "unsized+127");
  assert.equal(at(0x400380), null, "without a size it ends with its section");
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
