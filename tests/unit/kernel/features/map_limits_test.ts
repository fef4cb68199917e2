import assert from "node:assert/strict";
import * as fc from "fast-check";
import { runs } from "../../../../src/kernel/features/map_limits.ts";

const tried = [0, 1, 2, 3, 4, 5, 6, 7, 8, 64, 65, 1024, 1025];

Deno.test("runs joins neighbours that are taken, and finds where they end", () => {
  assert.deepEqual(runs(tried, (size) => size >= 1 && size <= 512), [{ from: 1, to: 512 }]);
  assert.deepEqual(runs(tried, (size) => size === 4 || size === 8), [
    { from: 4, to: 4 },
    { from: 8, to: 8 },
  ]);
  assert.deepEqual(runs(tried, (size) => size > 4), [{ from: 5, to: 1025 }]);
  assert.deepEqual(runs(tried, () => false), []);
});

Deno.test("runs does not join powers of two over what lies between them", () => {
  const isPower = (size: number) => size > 0 && (size & (size - 1)) === 0;
  assert.deepEqual(
    runs(tried, isPower).map(({ from, to }) => [from, to]),
    [[1, 2], [4, 4], [8, 8], [64, 64], [1024, 1024]],
  );
  const isEighth = (size: number) => size > 0 && size % 8 === 0 && size <= 1016;
  assert.deepEqual(runs([0, 8, 512, 1024], isEighth), [{ from: 8, to: 8 }, { from: 512, to: 512 }]);
});

Deno.test("runs holds only what was taken, at both ends, whatever is taken", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 0, max: 1100 }), (a, b) => {
      const takes = (size: number) => size >= Math.min(a, b) && size <= Math.max(a, b);
      for (const { from, to } of runs(tried, takes)) assert.ok(takes(from) && takes(to));
      const expected = tried.filter(takes);
      const found = runs(tried, takes);
      assert.ok(expected.every((size) => found.some(({ from, to }) => size >= from && size <= to)));
    }),
  );
});
