// run_queue_latency beside the kernel's own count of context switches: who has given up a CPU, and
// runs again, has waited for one once.
import assert from "node:assert/strict";
import * as z from "zod";
import { assertTurns, type Turns, turnsOf } from "../../../tests/support/context_switches.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";
import type { Workload } from "../../../tests/support/workload.ts";

const NS_PER_MS = 1e6;

const waitRow = z.object({
  cgroup_id: z.number(),
  pid: z.number(),
  comm: z.string(),
  count: z.number(),
  total_ns: z.number(),
  slots: z.object({ unit: z.literal("us"), count: z.number() }).loose(),
}).loose();

/** How often it was given a CPU while it did this. */
async function runs(workload: Workload, commands: readonly string[]): Promise<Turns> {
  const all = ({ voluntary = 0, involuntary = 0 }) => voluntary + involuntary;
  return await turnsOf(workload.pid, all, async () => {
    for (const command of commands) await workload.run(command);
  });
}

const commands = ["sleep 300 200", "relay 200"];

gadgetTest("run_queue_latency", "counts each time that a thread got a CPU", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  const wanted = await runs(subject, commands);
  await runs(twin, commands);
  const { rows } = await running.stop();
  assert.equal(rows.length, 1, JSON.stringify(rows));
  const { pid, comm, count, slots, cgroup_id } = waitRow.parse(rows[0]);
  assert.deepEqual([pid, comm], [subject.pid, "latency"]);
  assertTurns(count, wanted);
  assert.ok(wanted.count >= 300, "each sleep is one at least");
  assert.equal(slots.count, count);
  assert.equal(cgroup_id, (await Deno.stat(test.cgroup.path)).ino);
});

gadgetTest("run_queue_latency", "sums up by control group", async (test) => {
  const [one, other] = [await test.workload("latency"), await test.workload("latency")];
  await using twin = await test.twin("latency");
  const running = await test.start({ cgroup: `/${test.cgroup.name}`, by_cgroup: true });
  const wanted = [await runs(one, commands), await runs(other, commands)];
  await runs(twin, commands);
  const { rows } = await running.stop();
  assert.equal(rows.length, 1, JSON.stringify(rows));
  const { pid, comm, count } = waitRow.parse(rows[0]);
  assert.deepEqual([pid, comm], [0, ""]);
  assertTurns(count, ...wanted);
});

gadgetTest("run_queue_latency", "tells how long two on one CPU wait for it", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  await subject.run("burn 0 300");
  await twin.run("burn 0 10");
  const { rows } = await running.stop();
  const waits = rows.map((row) => waitRow.parse(row));
  assert.equal(waits.length, 2, "the process and its child");
  assert.equal(waits.filter(({ pid }) => pid === subject.pid).length, 1);
  const total = waits.reduce((sum, { total_ns }) => sum + total_ns, 0);
  assert.ok(total >= 300 * NS_PER_MS, `${total} ns: each waits while the other runs`);
});

gadgetTest("run_queue_latency", "keeps to the CPU that it is given", async (test) => {
  const subject = await test.workload("latency");
  await subject.run("burn 0 1"); // stays there
  const count = async (cpu: number) => {
    const running = await test.start({ tid: subject.pid, cpu });
    await subject.run("sleep 50 100");
    const { rows } = await running.stop();
    return rows.length === 0 ? 0 : waitRow.parse(rows[0]).count;
  };
  assert.equal(await count(1), 0);
  assert.ok(await count(0) >= 50);
});
