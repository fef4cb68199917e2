import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesNeeded, fairShares } from "../../../../src/tools/inspect/shares.ts";

Deno.test("fairShares: gives all what they need where there is enough", () => {
  assert.deepEqual(fairShares([100, 0, 300], 1000), [100, 0, 300]);
});

Deno.test("fairShares: what the small ones leave goes to those that lack", () => {
  assert.deepEqual(fairShares([100, 5000, 3000], 1100), [100, 500, 500]);
  assert.deepEqual(fairShares([5000, 100, 600], 1300), [600, 100, 600]);
});

Deno.test("fairShares: never gives more than the budget or than is needed", () => {
  const needs = fc.array(fc.nat(10_000), { maxLength: 8 });
  fc.assert(fc.property(needs, fc.integer({ min: -100, max: 20_000 }), (needs, budget) => {
    const shares = fairShares(needs, budget);
    const sum = shares.reduce((total, share) => total + share, 0);
    assert.ok(sum <= Math.max(0, budget));
    for (const [index, share] of shares.entries()) assert.ok(share <= (needs[index] ?? 0));
  }));
});

Deno.test("bytesNeeded: counts the first rows and stops at the most", () => {
  const rows = [{ id: 1 }, { id: 2 }, { id: 3 }]; // 8 bytes and a comma each
  assert.equal(bytesNeeded(rows, 10, 1000), 27);
  assert.equal(bytesNeeded(rows, 2, 1000), 18);
  assert.equal(bytesNeeded(rows, 10, 20), 20);
  assert.equal(bytesNeeded([], 10, 20), 0);
});
