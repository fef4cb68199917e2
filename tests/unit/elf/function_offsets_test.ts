import assert from "node:assert/strict";
import * as fc from "fast-check";
import { functionOffsets } from "../../../src/elf/function_offsets.ts";
import { DYNSYM, functions, program, reader } from "./program_file.ts";

Deno.test("functionOffsets: says where in the file functions are that it has", () => {
  const found = functionOffsets(reader(program(functions)), ["first", "alias", "firs", "gone"]);
  assert.equal(found?.symbols, "all");
  assert.deepEqual([...found.offsets], [["first", 0x100], ["alias", 0x100]]);
});

Deno.test("functionOffsets: finds what a stripped library exports, and says that it is", () => {
  const found = functionOffsets(reader(program(functions, DYNSYM)), ["second"]);
  assert.equal(found?.symbols, "exported");
  assert.equal(found.offsets.get("second"), 0x200);
  assert.equal(functionOffsets(reader(program(functions, 7)), ["second"])?.symbols, "none");
});

Deno.test("functionOffsets: leaves out what the file only refers to, and data", () => {
  const [symbols, entry] = [0x200, 24];
  const bytes = program(functions);
  bytes[symbols + 6] = 0; // "second" is elsewhere
  bytes[symbols + entry + 4] = 0x11; // "first" is an object
  const found = functionOffsets(reader(bytes), ["second", "first", "alias"]);
  assert.deepEqual([...found?.offsets.keys() ?? []], ["alias"]);
  assert.equal(functionOffsets(reader(new Uint8Array(100)), ["first"]), null);
});

Deno.test("functionOffsets: never throws, whatever bytes a program has changed", () => {
  const good = program(functions);
  const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 24 });
  fc.assert(fc.property(changes, fc.nat(good.length), (list, length) => {
    const bytes = good.slice();
    for (const [at, byte] of list) bytes[at] = byte;
    functionOffsets(reader(bytes.subarray(0, Math.max(length, 64))), ["first", "unsized"]);
  }));
});
