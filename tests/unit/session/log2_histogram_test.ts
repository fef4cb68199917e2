import assert from "node:assert/strict";
import type { JsonValue } from "../../../src/btf/decode.ts";
import { log2Histogram } from "../../../src/session/log2_histogram.ts";

Deno.test("log2Histogram leaves out the empty ends, and keeps what is empty between", () => {
  assert.deepEqual(log2Histogram([0, 0, 3, 0, 1, 0, 0], "us"), {
    unit: "us",
    buckets: [
      { from: 4, to: 8, count: 3 },
      { from: 8, to: 16, count: 0 },
      { from: 16, to: 32, count: 1 },
    ],
    count: 4,
    p50: 7,
    p99: 31,
  });
});

Deno.test("log2Histogram begins at 0, and has no end to its last bucket", () => {
  const histogram = log2Histogram([2, 0, 2], null);
  assert.deepEqual(histogram?.buckets[0], { from: 0, to: 2, count: 2 });
  assert.deepEqual(histogram?.buckets[2], { from: 4, to: null, count: 2 });
  assert.deepEqual([histogram?.p50, histogram?.p99], [2, 4]);
});

Deno.test("log2Histogram of nothing has no buckets and no percentiles", () => {
  const nothing = { unit: "ns", buckets: [], count: 0, p50: null, p99: null };
  assert.deepEqual(log2Histogram([0, 0, 0], "ns"), nothing);
  assert.deepEqual(log2Histogram([], "ns"), nothing);
});

const others: JsonValue[] = [null, 7, "text", { a: 1 }, ["x"], [-1], [1, null, { a: 1 }]];
for (const value of others) {
  Deno.test(`log2Histogram takes ${JSON.stringify(value)} for no histogram`, () => {
    assert.equal(log2Histogram(value, null), null);
  });
}

Deno.test("log2Histogram reads counts that are past what a double holds", () => {
  const histogram = log2Histogram(["18446744073709551615", 1], null);
  assert.ok(histogram !== null && histogram.count > 1.8e19);
});
