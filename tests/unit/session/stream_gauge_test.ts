import assert from "node:assert/strict";
import { StreamGauge } from "../../../src/session/stream_gauge.ts";

function queueOf(count: number) {
  return { count, memoryBytes: 64 };
}

Deno.test("StreamGauge.perSecond is that since the start, then of ten seconds", () => {
  const gauge = new StreamGauge(queueOf(0), 1_000);
  assert.equal(gauge.perSecond(1_000), 0);
  for (let second = 1; second <= 60; second++) {
    const perSecond = second <= 30 ? 10 : 500;
    const before = second <= 30 ? second * 10 : 300 + (second - 30) * 500;
    gauge.note(before, before, 1_000 + second * 1_000);
    if (second === 5) assert.equal(gauge.perSecond(6_000), 10);
    if (second === 60) assert.equal(Math.round(gauge.perSecond(61_000)), perSecond);
  }
});

Deno.test("StreamGauge.lagMs is the age of the oldest event that waits", () => {
  const queue = queueOf(0);
  const gauge = new StreamGauge(queue, 0);
  assert.equal(gauge.lagMs(10), null);
  gauge.note(5, 5, 100);
  gauge.note(9, 9, 1_000);
  const ages: [waiting: number, age: number | null][] = [
    [9, 1_400],
    [5, 1_400],
    [4, 500],
    [0, null],
  ];
  for (const [waiting, age] of ages) {
    queue.count = waiting;
    assert.equal(gauge.lagMs(1_500), age, `${waiting} wait`);
  }
});

Deno.test("StreamGauge.lagMs knows events that passed a filter from those that did not", () => {
  const queue = queueOf(0);
  const gauge = new StreamGauge(queue, 0);
  gauge.note(100, 0, 10);
  assert.equal(gauge.lagMs(500), null);
  queue.count = 1;
  gauge.note(200, 1, 400);
  assert.equal(gauge.lagMs(500), 100);
});

Deno.test("StreamGauge keeps few marks, and never says less than the true age", () => {
  const queue = queueOf(0);
  const gauge = new StreamGauge(queue, 0);
  const arrivals = Array.from({ length: 5_000 }, (_, index) => index * 200);
  arrivals.forEach((atMs, index) => gauge.note(index + 1, index + 1, atMs));
  const now = 5_000 * 200;
  for (const taken of [0, 1, 10, 999, 4_000, 4_990, 4_999]) {
    queue.count = 5_000 - taken;
    const age = gauge.lagMs(now);
    assert.ok(age !== null && age >= now - arrivals[taken], `after ${taken}: ${age}`);
  }
  queue.count = 1;
  assert.equal(gauge.lagMs(now), 200);
});
