// off_cpu beside the kernel's own count of voluntary context switches: who gives up its CPU to wait
// is blocked once. The first wait began before the gadget, the last has not ended.
import assert from "node:assert/strict";
import * as z from "zod";
import {
  assertTurns,
  type Turns,
  turnsOf,
  untoldTurns,
} from "../../../tests/support/context_switches.ts";
import { gadgetTest, type Observation } from "../../../tests/support/gadgets.ts";
import { kernelFunction, readStacks } from "../../../tests/support/stacks.ts";
import type { Workload } from "../../../tests/support/workload.ts";

const NS_PER_US = 1_000;

const blockedRow = z.object({
  pid: z.number(),
  comm: z.string(),
  kernel_stack: z.number(),
  user_stack: z.number(),
  waker_pid: z.number(),
  waker_comm: z.string(),
  count: z.number(),
  total_ns: z.number(),
}).loose();

function read({ rows }: Observation) {
  return rows.map((row) => blockedRow.parse(row));
}

function countOf(rows: readonly { count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** How often its threads began to wait, and waited to the end, while it did this. */
async function waits(workload: Workload, commands: readonly string[]): Promise<Turns> {
  let threads = 0;
  const begun = await turnsOf(
    workload.pid,
    (now) => (threads = now.threads, now.voluntary),
    async () => {
      for (const command of commands) await workload.run(command);
    },
  );
  return { ...begun, count: begun.count - threads };
}

gadgetTest("off_cpu", "counts each time that a thread blocked", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  const commands = ["sleep 200 300", "relay 200"];
  const wanted = await waits(subject, commands);
  await waits(twin, commands);
  const rows = read(await running.stop());
  assertTurns(countOf(rows), wanted);
  assert.ok(wanted.count >= 200, "each sleep is one");
  assert.ok(rows.every(({ pid, comm }) => pid === subject.pid && comm === "latency"));
});

gadgetTest("off_cpu", "names the waker, and none where it is an interrupt", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ tid: subject.pid });
  const untold = await untoldTurns(async () => {
    for (const command of ["sleep 100 300", "relay 100"]) {
      await subject.run(command);
      await twin.run(command);
    }
  });
  const rows = read(await running.stop());
  const timer = rows.filter(({ waker_comm }) => waker_comm === "");
  assertTurns(countOf(timer), { count: 100, untold });
  assert.ok(timer.every(({ waker_pid }) => waker_pid === 0));
  const slept = timer.reduce((sum, { total_ns }) => sum + total_ns, 0);
  assert.ok(slept >= countOf(timer) * 300 * NS_PER_US, `${slept} ns`);
  const others = rows.filter(({ waker_comm }) => waker_comm !== "");
  const partner = others.filter(({ waker_pid }) => waker_pid === subject.pid);
  assert.ok(partner.every(({ waker_comm }) => waker_comm === "latency"));
  assert.equal(countOf(others) - countOf(partner), 1, "this test's, which told it to relay");
});

gadgetTest("off_cpu", "leaves out what is shorter than it is told", async (test) => {
  const subject = await test.workload("latency");
  const running = await test.start({ cgroup: `/${test.cgroup.name}`, min_us: 200_000 });
  const untold = await untoldTurns(async () => {
    for (const command of ["relay 50", "sleep 3 210000", "sleep 20 1000"]) {
      await subject.run(command);
    }
  });
  const rows = read(await running.stop());
  const timer = rows.filter(({ waker_comm }) => waker_comm === "");
  assertTurns(countOf(timer), { count: 3, untold });
});

gadgetTest("off_cpu", "gives the stack of the kernel where a thread blocked", async (test) => {
  const subject = await test.workload("latency");
  const running = await test.start({ tid: subject.pid });
  await subject.run("sleep 20 1000");
  const stacks = await readStacks(test.session);
  const rows = read(await running.stop());
  const isSleep = await kernelFunction("do_nanosleep");
  const slept = rows.filter(({ kernel_stack }) => stacks.get(kernel_stack)?.some(isSleep));
  assert.equal(countOf(slept), 20, JSON.stringify(rows));
  assert.ok(slept.every(({ user_stack }) => (stacks.get(user_stack)?.length ?? 0) > 0));
});
