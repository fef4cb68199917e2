import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import { suggestEventTypes } from "../../../src/btf/event_suggestions.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** A map `heap` of `kept` (24 bytes), and structs of 12, 16 and 20 bytes. */
function objectBtf(): Btf {
  const b = new BtfBuilder();
  const u32 = b.int("unsigned int", 4);
  const struct = (name: string, size: number) => {
    return b.struct(name, size, [{ name: "pid", type: u32, offset: 0 }]);
  };
  const kept = struct("kept", 24);
  for (const size of [12, 16, 20]) struct(`of_${size}`, size);
  struct("", 16);
  const map = b.struct("", 16, [
    { name: "type", type: b.ptr(b.array(u32, 1)), offset: 0 },
    { name: "value", type: b.ptr(kept), offset: 8 },
  ]);
  b.datasec(".maps", 16, [{ variable: b.variable("heap", map), offset: 0, size: 16 }]);
  return Btf.parse(b.bytes());
}

Deno.test("suggestEventTypes gives the values of maps and structs of a record's length", () => {
  const names = (lengths: number[], padding: 0 | 7) =>
    suggestEventTypes(objectBtf(), new Set(lengths), { padding }).map(({ name }) => name);
  assert.deepEqual(names([], 0), ["kept"]);
  assert.deepEqual(names([16], 0), ["kept", "of_16"]);
  assert.deepEqual(names([20], 7), ["kept", "of_16", "of_20"]);
  assert.deepEqual(names([13], 0), ["kept"]);
});

Deno.test("suggestEventTypes says how large each is", () => {
  const [kept] = suggestEventTypes(objectBtf(), new Set(), { padding: 0 });
  assert.deepEqual(kept, { name: "kept", size: 24 });
});

Deno.test("suggestEventTypes gives a handful at most", () => {
  const b = new BtfBuilder();
  const u32 = b.int("unsigned int", 4);
  for (let index = 0; index < 100; index++) {
    b.struct(`s${index}`, 4, [{ name: "pid", type: u32, offset: 0 }]);
  }
  const found = suggestEventTypes(Btf.parse(b.bytes()), new Set([4]), { padding: 0 });
  assert.equal(found.length, 16);
});
