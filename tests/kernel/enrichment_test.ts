// What processes are, asked of real ones.
import assert from "node:assert/strict";
import { Enrichment } from "../../src/host/enrichment/enrichment.ts";
import { Processes } from "../../src/host/enrichment/processes.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { Workload } from "../support/workload.ts";

kernelTest("Enrichment tells of a process what it is, whose, and where it lives", async () => {
  await using group = await TestCgroup.make();
  await using workload = await (await Workload.start("failures")).inCgroup(group);
  const enrichment = new Enrichment();
  const facts = enrichment.process(workload.pid);
  assert.ok(facts !== null);
  assert.equal(facts.comm, "failures");
  assert.equal(facts.exe, workload.path);
  assert.deepEqual(facts.args, [workload.path]);
  assert.equal(facts.ppid, Deno.pid);
  assert.equal(facts.uid, Deno.uid());
  assert.ok(facts.startedAtMs !== null && Math.abs(facts.startedAtMs - Date.now()) < 60_000);
  assert.equal(enrichment.process(workload.pid), facts, "kept");
  const parents = enrichment.ancestors(workload.pid).map(({ pid }) => pid);
  assert.equal(parents[0], Deno.pid);
  assert.equal(parents[1], Deno.ppid);
  assert.match(enrichment.openFile(workload.pid, 0) ?? "", /^(pipe|socket):\[\d+\]$/);
  assert.equal(enrichment.openFile(workload.pid, 999), null);
  const id = BigInt((await Deno.stat(group.path)).ino ?? 0);
  assert.equal(enrichment.groups([id, 1n << 60n]).get(id)?.path, group.path);
  assert.equal(enrichment.groups([id]).size, 1);
  assert.equal(enrichment.wholePath(Deno.pid, "a/b"), `${Deno.cwd()}/a/b`);
  assert.equal(enrichment.wholePath(Deno.pid, "/a/b"), "/a/b");
});

kernelTest("Enrichment forgets a control group that is gone", async () => {
  const enrichment = new Enrichment();
  const group = await TestCgroup.make();
  const id = BigInt((await Deno.stat(group.path)).ino ?? 0);
  assert.equal(enrichment.groups([id]).get(id)?.path, group.path);
  await group[Symbol.asyncDispose]();
  assert.equal(enrichment.groups([id]).size, 0);
});

kernelTest(
  "Processes tells what it knew of one that has ended, and nothing of others",
  async () => {
    const processes = new Processes();
    let pid = 0;
    {
      await using workload = await Workload.start("failures");
      pid = workload.pid;
      assert.equal(processes.of(pid)?.ended, undefined);
    }
    const after = processes.of(pid);
    assert.equal(after?.ended, true);
    assert.equal(after?.comm, "failures");
    assert.equal(new Processes().of(pid), null);
    assert.equal(processes.of(4_194_305), null);
  },
);

kernelTest("Processes takes a pid with another start for another process", async () => {
  const proc = await Deno.makeTempDir();
  const write = async (start: number, comm: string) => {
    const rest = Array(18).fill("0").join(" ");
    await Deno.mkdir(`${proc}/7`, { recursive: true });
    await Deno.writeTextFile(`${proc}/7/stat`, `7 (${comm}) S 1 ${rest.slice(2)} ${start} 0\n`);
    await Deno.writeTextFile(`${proc}/7/cmdline`, `/bin/${comm}\0--flag\0`);
    await Deno.writeTextFile(`${proc}/7/status`, "Name:\tx\nUid:\t12\t0\t0\t0\n");
    await Deno.writeTextFile(`${proc}/7/cgroup`, "0::/system.slice/cron.service\n");
  };
  const processes = new Processes(proc);
  await write(100, "one) (1");
  const first = processes.of(7);
  assert.equal(first?.comm, "one) (1");
  assert.equal(first?.startTicks, 100n);
  assert.deepEqual(first?.args, ["/bin/one) (1", "--flag"]);
  assert.deepEqual([first?.uid, first?.ppid], [12, 1]);
  assert.equal(first?.residence.unit, "cron.service");
  await write(200, "two");
  assert.equal(processes.of(7)?.comm, "two");
  await Deno.remove(proc, { recursive: true });
});

kernelTest("Enrichment names users and services by the host's own files", () => {
  const enrichment = new Enrichment();
  assert.equal(enrichment.user(0), "root");
  assert.equal(enrichment.user(4_294_967_000), null);
  assert.equal(enrichment.service(65_000, "tcp"), null);
});
