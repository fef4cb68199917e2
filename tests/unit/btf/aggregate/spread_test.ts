import assert from "node:assert/strict";
import { add, bytesOf, emptyEvent, sampleAggregator } from "./records.ts";

const hists = [
  { op: "hist", field: "delta" },
  { op: "hist", field: "ret", scale: "linear", step: 10 },
] as const;

for (const compute of hists) {
  Deno.test(`spread of ${compute.field} is that of all groups together, and takes nothing`, () => {
    const byPid = sampleAggregator({ by: ["pid"], compute: [{ op: "count" }, compute] });
    const asOne = sampleAggregator({ compute: [compute] });
    for (let at = 0; at < 500; at++) {
      const delta = BigInt((at * 7919) % 4096) - 100n;
      const event = { ...emptyEvent, pid: at % 97, ret: (at * 31) % 2000 - 50, delta };
      add(byPid, [bytesOf(event)]);
      add(asOne, [bytesOf(event)]);
    }
    const column = `hist_${compute.field}`;
    const spread = byPid.spread();
    assert.equal(spread?.column, column);
    assert.deepEqual(byPid.spread(), spread);
    assert.deepEqual(spread?.histogram, asOne.take().rows[0]?.[column]);
    assert.equal(byPid.take().events, 500);
    const { buckets } = Object(byPid.spread()?.histogram);
    assert.deepEqual(buckets, [], "begins anew with the sum");
  });
}

Deno.test("spread of a sum without a histogram is none", () => {
  assert.equal(sampleAggregator({ compute: [{ op: "p50", field: "ret" }] }).spread(), null);
});

Deno.test("spread tells of events too that found no room in a group of their own", () => {
  const aggregator = sampleAggregator({ by: ["pid"], compute: [hists[0]] });
  for (let pid = 0; pid < 12_000; pid++) add(aggregator, [bytesOf({ ...emptyEvent, pid })]);
  assert.deepEqual(Object(aggregator.spread()?.histogram).buckets, [[0, 12_000]]);
  assert.notEqual(aggregator.take().other, null);
});
