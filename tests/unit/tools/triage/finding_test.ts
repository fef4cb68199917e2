import assert from "node:assert/strict";
import { type Finding, ranked, scoreOf, UNUSUAL } from "../../../../src/tools/triage/finding.ts";

const scores: [number, number, number][] = [
  [1, 1, 30],
  [10, 1, 50],
  [1_000, 1, 90],
  [1e9, 1, 99],
  [0.1, 1, 10],
  [1e-9, 1, 0],
  [0, 1, 0],
  [NaN, 1, 0],
];

for (const [value, usual, score] of scores) {
  Deno.test(`scoreOf gives ${value}, where ${usual} is usual, ${score}`, () => {
    assert.equal(scoreOf(value, usual), score);
  });
}

function finding(score: number, what: string): Finding {
  const next = { tool: "triage", arguments: {} };
  return { area: "cpu", score, what, evidence: {}, confidence: "high", next };
}

Deno.test("ranked gives the most unusual first and leaves out what is usual", () => {
  const found = [finding(UNUSUAL, "c"), finding(UNUSUAL - 1, "x"), finding(90, "b")];
  assert.deepEqual(ranked([...found, finding(90, "a")]).map(({ what }) => what), ["a", "b", "c"]);
});
