import assert from "node:assert/strict";
import { atOnce, inSlices, type Slices } from "../../src/slices.ts";

/** Yields so many times, busy for `ms` before each; tells when it was dropped or done. */
function* busyWork(steps: number, ms: number, ended: () => void): Slices<string> {
  using owned = new DisposableStack();
  owned.defer(ended);
  for (let step = 0; step < steps; step++) {
    for (const end = performance.now() + ms; performance.now() < end;);
    yield;
  }
  return "done";
}

Deno.test("atOnce gives the result and lets nobody else run", () => {
  let turns = 0;
  const timer = setTimeout(() => turns++, 0);
  assert.equal(atOnce(busyWork(20, 2, () => {})), "done");
  assert.equal(turns, 0);
  clearTimeout(timer);
});

Deno.test("inSlices gives the result, and others run meanwhile", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const { signal } = new AbortController();
  assert.equal(await inSlices(busyWork(40, 5, () => {}), signal), "done");
  clearInterval(timer);
  assert.ok(turns >= 5, `others had ${turns} turns in 200 ms`);
});

Deno.test("inSlices ends work early when its signal is aborted, and disposes it", async () => {
  const abort = new AbortController();
  const reason = new Error("cancelled");
  let ended = 0;
  setTimeout(() => abort.abort(reason), 20);
  const started = performance.now();
  await assert.rejects(inSlices(busyWork(2_000, 5, () => ended++), abort.signal), reason);
  assert.equal(ended, 1);
  assert.ok(performance.now() - started < 5_000, "the whole work takes 10 s");
});

Deno.test("inSlices passes on what the work throws", async () => {
  function* failing(): Slices<void> {
    yield;
    throw new RangeError("no such thing");
  }
  await assert.rejects(inSlices(failing(), new AbortController().signal), RangeError);
});
