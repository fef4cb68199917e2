// profile of a program whose CPU time is known: 70 % in one function, 20 % and 10 % in two others.
import assert from "node:assert/strict";
import * as z from "zod";
import { isGuest } from "../../../tests/matrix/kernels.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";
import { readStacks } from "../../../tests/support/stacks.ts";

const NS_PER_SEC = 1e9;
const NS_PER_MS = 1e6;
const wantedShares = [70, 20, 10];

const sampleRow = z.object({
  pid: z.number(),
  comm: z.string(),
  user_stack: z.number(),
  count: z.number(),
  cpu_ns: z.number(),
}).loose();

gadgetTest("profile", "tells how the CPU time of a program is split", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const frequency = 999;
  const running = await test.start({ cgroup: `/${test.cgroup.name}`, frequency });
  const work = subject.run("split 1500");
  await twin.run("split 150");
  const starts = (await work).map(BigInt);
  const stacks = await readStacks(test.session);
  const rows = (await running.stop()).rows.map((row) => sampleRow.parse(row));
  assert.ok(rows.every(({ pid, comm }) => pid === subject.pid && comm === "latency"));

  const samples = wantedShares.map(() => 0);
  for (const { user_stack, count, cpu_ns } of rows) {
    assert.equal(cpu_ns, count * Math.floor(NS_PER_SEC / frequency));
    const place = placeOf(stacks.get(user_stack) ?? [], starts);
    if (place !== null) samples[place] += count;
  }
  const all = samples.reduce((sum, one) => sum + one, 0);
  const shares = samples.map((one) => 100 * one / all);
  for (const [index, share] of shares.entries()) {
    assert.ok(Math.abs(share - wantedShares[index]) < 2, `${shares}, of ${all} samples`);
  }
  const cpuMs = rows.reduce((sum, { cpu_ns }) => sum + cpu_ns, 0) / NS_PER_MS;
  assert.ok(isNear(cpuMs, 1500), `${cpuMs} ms of CPU, want 1500`);
});

/**
 * A virtual machine's timers are late while its host runs others, and skip what they missed; those
 * of an emulated one follow its host's clock, not the work that it does.
 */
function isNear(value: number, wanted: number): boolean {
  return value >= (isGuest() ? 0.3 : 0.7) * wanted && value <= (isGuest() ? 3 : 1.2) * wanted;
}

/** Which of the functions the innermost frame of ours is in; `starts` has the end of the last. */
function placeOf(frames: readonly bigint[], starts: readonly bigint[]): number | null {
  for (const frame of frames) {
    const place = starts.findLastIndex((start) => start <= frame);
    if (place >= 0 && place < starts.length - 1) return place;
  }
  return null;
}

gadgetTest("profile", "samples as often as it is told", async (test) => {
  const subject = await test.workload("latency");
  const count = async (frequency: number) => {
    const running = await test.start({ pid: subject.pid, frequency });
    await subject.run("split 1000");
    const { rows } = await running.stop();
    return rows.reduce((sum, row) => sum + sampleRow.parse(row).count, 0);
  };
  for (const frequency of [50, 500]) {
    const samples = await count(frequency);
    assert.ok(isNear(samples, frequency), `${samples} samples, want ${frequency}`);
  }
});
