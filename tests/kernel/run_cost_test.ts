// What programs cost: run counts of the kernel, counted while somebody measures.
import assert from "node:assert/strict";
import { RunStatistics } from "../../src/kernel/run_statistics.ts";
import { CostMeter } from "../../src/session/cost_meter.ts";
import { heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, runProgram } from "../support/loaded.ts";
import { Trigger } from "../support/trigger.ts";
import { countCalls } from "../support/count_calls.ts";
import { TableStream } from "../../src/session/table_stream.ts";

/** Descriptors of this process that keep the kernel counting. */
function statisticsDescriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`) === "anon_inode:bpf-stats";
    } catch {
      return false; // the descriptor that this reads by
    }
  }).length;
}

kernelTest("RunStatistics shares one descriptor, and closes it with the last hold", () => {
  const statistics = new RunStatistics();
  const [one, other] = [statistics.hold(), statistics.hold()];
  assert.deepEqual([one.refusal, other.refusal, statisticsDescriptors()], [null, null, 1]);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  assert.equal(statisticsDescriptors(), 1);
  other[Symbol.dispose]();
  assert.equal(statisticsDescriptors(), 0);
});

kernelTest("CostMeter counts every run of its programs, and none after its end", async () => {
  await using object = await load("small_records");
  const [{ program: { name } }] = object.programs;
  const aroundNs = 7_000n;
  const meter = new CostMeter(object.programs, new RunStatistics().hold(), aroundNs);
  for (let runs = 0; runs < 25; runs++) runProgram(object, name);
  assert.equal(meter.read()?.runCount, 25n);
  meter.finish();
  runProgram(object, name);
  const cost = meter.read();
  assert.ok(cost !== null);
  assert.equal(cost.runCount, 25n);
  assert.ok(cost.runTimeNs > 0n && cost.elapsedMs > 0);
  const share = Number(cost.runTimeNs + 25n * aroundNs) / cost.elapsedMs / 1e4;
  assert.ok(Math.abs(cost.cpuPercent - share) < 1e-9);
  assert.equal(statisticsDescriptors(), 0);
});

kernelTest("CostMeter keeps the last count when its programs are unloaded meanwhile", async () => {
  const object = await load("small_records");
  const [{ program: { name } }] = object.programs;
  using meter = new CostMeter(object.programs, new RunStatistics().hold());
  runProgram(object, name);
  assert.equal(meter.read()?.runCount, 1n);
  await object[Symbol.asyncDispose]();
  assert.equal(meter.read()?.runCount, 1n);
});

kernelTest("CostMeter says why nothing is known", async () => {
  await using object = await load("small_records");
  const hold = { refusal: "no", [Symbol.dispose]() {} };
  using meter = new CostMeter(object.programs, hold);
  assert.deepEqual([meter.read(), meter.refusal], [null, "no"]);
});

kernelTest("startGadget ends a run that takes more of a CPU than it may", async () => {
  await using trigger = await Trigger.start();
  const before = heldBy(Deno.pid);
  await countCalls(async (start) => {
    const { stream } = await start({ pid: trigger.pid }, { maxOverheadPercent: 1 });
    assert.ok(stream instanceof TableStream);
    const signal = AbortSignal.timeout(20_000);
    let calls = 0;
    while (stream.end === null && !signal.aborted) {
      await trigger.run("getppid 200000");
      calls += 200_000;
    }
    assert.equal(stream.end, "overhead");
    const cost = stream.cost?.read();
    assert.ok(cost && cost.cpuPercent > 0.5, "it was over the limit for a while");
    assert.ok(Number((await stream.rows(signal)).rows[0]?.count) <= calls);
  });
  assert.deepEqual(heldBy(Deno.pid), before);
});
