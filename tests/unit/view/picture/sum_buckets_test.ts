import assert from "node:assert/strict";
import { sparkline } from "../../../../src/view/picture/sparkline.ts";
import { sumBuckets } from "../../../../src/view/picture/sum_buckets.ts";

const ranges = (value: unknown) =>
  sumBuckets(value)?.map(({ from, to, count }) => [from, to, count]);

Deno.test("sumBuckets: powers of two, those between that are empty too", () => {
  const buckets = [[-7, 1], [0, 2], [1, 3], [8, 4]];
  assert.deepEqual(ranges({ scale: "log2", buckets }), [
    [-7, -3, 1],
    [-3, -1, 0],
    [-1, 0, 0],
    [0, 1, 2],
    [1, 2, 3],
    [2, 4, 0],
    [4, 8, 0],
    [8, 16, 4],
  ]);
  const largest = { scale: "log2", buckets: [["9223372036854775808", 5]] };
  assert.deepEqual(ranges(largest), [[2 ** 63, 2 ** 64, 5]]);
});

Deno.test("sumBuckets: steps, with what lies outside of them", () => {
  const linear = { scale: "linear", step: 10, below: 2, buckets: [[0, 1], [20, 3]], above: 0 };
  assert.deepEqual(ranges(linear), [[-Infinity, 0, 2], [0, 10, 1], [10, 20, 0], [20, 30, 3]]);
  assert.deepEqual(ranges({ ...linear, below: 0, buckets: [], above: 7 }), [[1260, Infinity, 7]]);
});

Deno.test("sumBuckets: what is no such histogram is none, and nothing takes long", () => {
  const log2 = (buckets: unknown) => ({ scale: "log2", buckets });
  for (const value of [null, 1, [], {}, log2(1), log2([[1]]), log2([["x", 1]]), log2([[1, {}]])]) {
    assert.equal(sumBuckets(value), null);
  }
  assert.equal(sumBuckets({ scale: "linear", buckets: [] }), null);
  assert.deepEqual(sumBuckets(log2([])), []);
  const slow = { scale: "linear", step: 1, buckets: [[0, 1], [2 ** 60, 1]] };
  assert.equal(sumBuckets(slow)?.length, 130);
});

Deno.test("sparkline: the largest is the highest, nothing is a blank", () => {
  assert.equal(sparkline([0, 1, 4, 8, -1]), " ▂▅█ ");
  assert.equal(sparkline([]), "");
});
