import assert from "node:assert/strict";
import * as fc from "fast-check";
import { cutValue } from "../../../src/view/cut_value.ts";
import { jsonBytes } from "../../../src/view/page.ts";

Deno.test("cutValue leaves alone what fits", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(cutValue(value, jsonBytes(value)), { value, cut: false });
  }));
});

Deno.test("cutValue keeps texts, lists and objects within their bytes", () => {
  const long = fc.oneof(
    fc.string({ minLength: 200, unit: "grapheme" }),
    fc.array(fc.jsonValue(), { minLength: 50 }),
    fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 30 }),
  );
  fc.assert(fc.property(long, fc.integer({ min: 20, max: 400 }), (value, bytes) => {
    const { value: shown } = cutValue(value, bytes);
    assert.ok(jsonBytes(shown) <= bytes, `${jsonBytes(shown)} > ${bytes}`);
  }));
});

Deno.test("cutValue gives the beginning", () => {
  assert.deepEqual(cutValue("abcdefgh", 7), { value: "abcd", cut: true });
  assert.deepEqual(cutValue([1, 2, 3, 4], 7), { value: [1, 2], cut: true });
  const { value } = cutValue({ key: 1, value: "x".repeat(100) }, 40);
  assert.match(JSON.stringify(value), /^\{"key":1,"value":"x{8,}"\}$/);
});
