import assert from "node:assert/strict";
import { Btf } from "../../../src/btf/btf.ts";
import type { JsonValue } from "../../../src/btf/decode.ts";
import { compileMerger } from "../../../src/session/table_merge.ts";
import { BtfBuilder } from "../../support/btf_builder.ts";

/** A struct of counts, an extreme of each kind, a text, a flag and a struct. */
function merge(values: readonly JsonValue[]): JsonValue {
  const builder = new BtfBuilder();
  const u64 = builder.int("u64", 8);
  const slots = builder.array(u64, 2);
  const text = builder.array(builder.int("char", 1, { signed: true }), 8);
  const flag = builder.int("bool", 1, { bool: true });
  const inner = builder.struct("inner", 8, [{ name: "bytes", type: u64, offset: 0 }]);
  const type = builder.struct("value", 64, [
    { name: "count", type: u64, offset: 0 },
    { name: "first", type: u64, offset: 8 },
    { name: "last", type: u64, offset: 16 },
    { name: "slots", type: slots, offset: 24 },
    { name: "comm", type: text, offset: 40 },
    { name: "seen", type: flag, offset: 48 },
    { name: "inner", type: inner, offset: 56 },
  ]);
  const merger = compileMerger(Btf.parse(builder.bytes()), type, { first: "min", last: "max" });
  return values.reduce((sum, value) => merger(sum, value));
}

const nothing = {
  count: 0,
  first: 0,
  last: 0,
  slots: [0, 0],
  comm: "",
  seen: false,
  inner: { bytes: 0 },
};

Deno.test("compileMerger adds up, takes extremes, and leaves out CPUs that have nothing", () => {
  const one = { ...nothing, count: 3, first: 50, last: 90, slots: [1, 2], inner: { bytes: 10 } };
  const other = { ...one, count: 4, first: 40, last: 60, comm: "cat", seen: true };
  assert.deepEqual(merge([nothing, one, nothing, other]), {
    count: 7,
    first: 40,
    last: 90,
    slots: [2, 4],
    comm: "cat",
    seen: true,
    inner: { bytes: 20 },
  });
});

Deno.test("compileMerger is exact beyond what a double holds", () => {
  const large = { ...nothing, count: Number.MAX_SAFE_INTEGER, last: "18446744073709551615" };
  const sum = merge([large, { ...nothing, count: 2, last: 5 }]);
  assert.deepEqual(sum, { ...nothing, count: "9007199254740993", last: "18446744073709551615" });
});
