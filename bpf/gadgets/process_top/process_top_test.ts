// process_top beside the scheduler's own account of what a process has run, to the nanosecond.
import assert from "node:assert/strict";
import * as z from "zod";
import { cpuTimeAsleep, switchesAsleep } from "../../../tests/support/context_switches.ts";
import { gadgetTest, type Observation } from "../../../tests/support/gadgets.ts";
import type { Workload } from "../../../tests/support/workload.ts";

const NS_PER_MS = 1e6;

const processRow = z.object({
  pid: z.number(),
  tid: z.number(),
  uid: z.number(),
  comm: z.string(),
  cgroup_id: z.number(),
  cpu_ns: z.number(),
  voluntary_switches: z.number(),
  involuntary_switches: z.number(),
});

function rowsOf({ rows }: Observation): z.output<typeof processRow>[] {
  return rows.map((row) => processRow.parse(row));
}

interface Account {
  readonly cpu_ns: number;
  readonly voluntary_switches: number;
  readonly involuntary_switches: number;
}

async function account(pid: number): Promise<Account> {
  const { voluntary, involuntary } = await switchesAsleep(pid);
  return {
    cpu_ns: await cpuTimeAsleep(pid),
    voluntary_switches: voluntary,
    involuntary_switches: involuntary,
  };
}

/** What the kernel says that these commands took. */
async function spent(workload: Workload, commands: readonly string[]): Promise<Account> {
  const before = await account(workload.pid);
  for (const command of commands) await workload.run(command);
  const after = await account(workload.pid);
  return {
    cpu_ns: after.cpu_ns - before.cpu_ns,
    voluntary_switches: after.voluntary_switches - before.voluntary_switches,
    involuntary_switches: after.involuntary_switches - before.involuntary_switches,
  };
}

const commands = ["split 60", "sleep 300 200", "relay 200"];

gadgetTest("process_top", "counts CPU time and switches as the scheduler does", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  const wanted = await spent(subject, commands);
  await spent(twin, commands);
  const rows = rowsOf(await running.stop());
  assert.equal(rows.length, 1, JSON.stringify(rows));
  const { pid, tid, uid, comm, cgroup_id, ...counted } = rows[0];
  assert.deepEqual(counted, wanted);
  assert.ok(wanted.cpu_ns >= 60 * NS_PER_MS && wanted.voluntary_switches >= 300);
  assert.deepEqual([pid, tid, uid, comm], [subject.pid, 0, Deno.uid(), "latency"]);
  assert.equal(cgroup_id, (await Deno.stat(test.cgroup.path)).ino);
});

gadgetTest("process_top", "gives a thread its own row if told", async (test) => {
  const subject = await test.workload("latency");
  const running = await test.start({ pid: subject.pid, by_thread: true });
  const wanted = await spent(subject, ["relay 200", "split 20"]);
  const rows = rowsOf(await running.stop());
  assert.equal(rows.length, 2, "the main thread and its partner");
  assert.ok(rows.every(({ pid }) => pid === subject.pid));
  assert.equal(rows.filter(({ tid }) => tid === subject.pid).length, 1);
  assert.ok(rows.every(({ cpu_ns }) => cpu_ns > 0) && rows[0].cpu_ns >= rows[1].cpu_ns);
  const sum = (field: keyof Account) => rows[0][field] + rows[1][field];
  assert.deepEqual({
    cpu_ns: sum("cpu_ns"),
    voluntary_switches: sum("voluntary_switches"),
    involuntary_switches: sum("involuntary_switches"),
  }, wanted);
});

gadgetTest("process_top", "tells of a task while it stays on its CPU", async (test) => {
  const subject = await test.workload("latency");
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  let seen = 0;
  for (let ms = 500; seen === 0 && ms <= 32_000; ms *= 4) { // emulated, a look takes seconds
    let burns = true;
    const burning = subject.run(`split ${ms}`).finally(() => burns = false);
    while (burns) {
      const { rows = [] } = await test.session.read(running.streamId, { wait_ms: 20 });
      if (burns && rows.length > 0) seen = processRow.parse(rows[0]).cpu_ns;
    }
    await burning;
  }
  const [{ cpu_ns }] = rowsOf(await running.stop());
  assert.ok(seen > 0 && seen < cpu_ns, `${seen} ns while it ran, ${cpu_ns} at the end`);
  assert.ok(cpu_ns >= 500 * NS_PER_MS);
});

gadgetTest("process_top", "counts two on one CPU, one of which ends", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const running = await test.start({ comm: "latency", uid: Deno.uid(), cpu: 0 });
  await subject.run("burn 0 100");
  await twin.run("burn 1 100");
  const rows = rowsOf(await running.stop());
  const own = rows.filter(({ cpu_ns }) => cpu_ns >= 100 * NS_PER_MS);
  assert.equal(own.length, 2, JSON.stringify(rows));
  assert.ok(own.some(({ pid }) => pid === subject.pid));
  assert.ok(own.every(({ involuntary_switches }) => involuntary_switches > 0));
  assert.ok(own.every(({ pid }) => pid !== twin.pid));
});
