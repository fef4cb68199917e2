import assert from "node:assert/strict";
import { histogramField, TableHistory } from "../../../src/session/table_history.ts";

function row(...counts: number[]) {
  const buckets = counts.map((count, at) => ({ from: 2 ** at, to: 2 ** (at + 1), count }));
  return { pid: 1, slots: { unit: "ns", buckets } };
}

Deno.test("histogramField names the field of counts by powers of two", () => {
  const doc = "counts";
  assert.equal(histogramField({ pid: { doc }, slots: { doc, format: "log2" } }), "slots");
  assert.equal(histogramField({ pid: { doc } }), null);
});

Deno.test("TableHistory keeps what all rows gained in each span", () => {
  const history = new TableHistory("slots");
  history.add([row(1, 0, 5), row(2)], 1000);
  history.add([row(1, 4, 6), row(2)], 2000);
  const [first, second] = history.columns;
  assert.deepEqual(first, {
    endMs: 1000,
    buckets: [{ from: 1, to: 2, count: 3 }, { from: 4, to: 8, count: 5 }],
  });
  assert.deepEqual(second?.buckets, [
    { from: 2, to: 4, count: 4 },
    { from: 4, to: 8, count: 1 },
  ]);
});

Deno.test("TableHistory keeps the newest ten minutes", () => {
  const history = new TableHistory("slots");
  for (let at = 1; at <= 700; at++) history.add([row(at)], at);
  assert.equal(history.columns.length, 600);
  assert.equal(history.columns.at(-1)?.endMs, 700);
});

Deno.test("TableHistory passes over rows without a histogram", () => {
  const history = new TableHistory("slots");
  history.add([{ pid: 1 }, { slots: null }, { slots: [1, 2] }, { slots: { buckets: 3 } }], 1);
  assert.deepEqual(history.columns, [{ endMs: 1, buckets: [] }]);
});
