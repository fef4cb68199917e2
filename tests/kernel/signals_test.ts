// SIGTERM and SIGHUP in the test's own process. SIGINT ends the test runner itself: it is tried on
// the executable, as all three are, by tests/e2e.
import assert from "node:assert/strict";
import { listenForEnd } from "../../src/cli/signals.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { until } from "../support/within.ts";

const arriveTimeoutMs = 5_000;
const signals = [["SIGTERM", 143], ["SIGHUP", 129]] as const;

kernelTest("listenForEnd: the first signal ends in order, the second at once", async (t) => {
  for (const [signal, code] of signals) {
    await t.step(signal, async () => {
      const exits: number[] = [];
      using end = listenForEnd((code) => exits.push(code));
      assert.equal(end.exitCode(), null);
      Deno.kill(Deno.pid, signal);
      await until(arriveTimeoutMs, signal, () => end.ending.aborted);
      assert.equal(end.exitCode(), code);
      assert.deepEqual(exits, []);
      Deno.kill(Deno.pid, signal);
      await until(arriveTimeoutMs, `${signal} again`, () => exits.length > 0);
      assert.deepEqual(exits, [code]);
    });
  }
});

kernelTest("listenForEnd: a diverted SIGHUP ends nothing, however often it comes", async () => {
  const exits: number[] = [];
  let heard = 0;
  using end = listenForEnd((code) => exits.push(code));
  end.divertHangup(() => heard++);
  for (const count of [1, 2, 3]) {
    Deno.kill(Deno.pid, "SIGHUP");
    await until(arriveTimeoutMs, "SIGHUP", () => heard === count);
  }
  assert.equal(end.ending.aborted, false);
  assert.equal(end.exitCode(), null);
  Deno.kill(Deno.pid, "SIGTERM");
  await until(arriveTimeoutMs, "SIGTERM", () => end.ending.aborted);
  assert.equal(end.exitCode(), 143);
  assert.deepEqual(exits, []);
});
