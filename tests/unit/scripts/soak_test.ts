import assert from "node:assert/strict";
import { Latencies } from "../../../scripts/soak/latency.ts";
import { Rest } from "../../../scripts/soak/rest.ts";

Deno.test("Latencies gives quantiles within a tenth, whatever their order", () => {
  const latencies = new Latencies();
  for (let ms = 1000; ms >= 1; ms--) latencies.add(ms);
  for (const share of [0.5, 0.99]) {
    const quantile = latencies.quantileMs(share);
    assert.ok(quantile >= share * 1000 && quantile <= share * 1100, `${share}: ${quantile}`);
  }
  assert.equal(latencies.quantileMs(1), 1000);
  assert.equal(latencies.longestMs, 1000);
  assert.equal(latencies.count, 1000);
});

Deno.test("Latencies of no calls are 0", () => {
  assert.equal(new Latencies().quantileMs(0.99), 0);
});

Deno.test("Rest begins when all have arrived, and lets all go on at its end", async () => {
  const rest = new Rest(2);
  await rest.arrive(); // nobody asked for it
  const begun = rest.begin();
  assert.equal(rest.isWanted, true);
  const steps: string[] = [];
  const arrivals = ["first", "second"].map(async (name) => {
    steps.push(`${name} arrives`);
    await rest.arrive();
    steps.push(`${name} goes on`);
  });
  await begun;
  assert.deepEqual(steps, ["first arrives", "second arrives"]);
  rest.end();
  await Promise.all(arrivals);
  assert.equal(steps.length, 4);
  assert.equal(rest.isWanted, false);
});
