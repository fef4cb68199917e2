// block_top over direct requests of known number to a loop device of the test's own.
import assert from "node:assert/strict";
import * as z from "zod";
import { gadgetTest, type Observation } from "../../../tests/support/gadgets.ts";

const BLOCK_BYTES = 4096;

const blockRow = z.object({
  pid: z.number(),
  uid: z.number(),
  comm: z.string(),
  cgroup_id: z.number(),
  disk: z.string(),
  operation: z.string(),
  device: z.unknown(),
  requests: z.number(),
  bytes: z.number(),
  total_ns: z.number(),
});

function rowsOf({ rows }: Observation): z.output<typeof blockRow>[] {
  return rows.map((row) => blockRow.parse(row));
}

const commands = ["write 200", "read 150", "flush 7"];
const wanted = [
  ["write", 200, 200 * BLOCK_BYTES],
  ["read", 150, 150 * BLOCK_BYTES],
  ["flush", 7, 0],
];

gadgetTest("block_top", "counts the requests of a process by operation", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const [[disk]] = [await subject.run("disk"), await twin.run("disk")];
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  for (const command of commands) {
    await subject.run(command);
    await twin.run(command);
  }
  const rows = rowsOf(await running.stop());
  assert.deepEqual(
    rows.map(({ operation, requests, bytes }) => [operation, requests, bytes]),
    wanted,
    "the most bytes first",
  );
  const cgroup = (await Deno.stat(test.cgroup.path)).ino;
  for (const row of rows) {
    assert.deepEqual([row.pid, row.comm, row.uid], [subject.pid, "latency", Deno.uid()]);
    assert.deepEqual([row.disk, row.cgroup_id], [disk, cgroup]);
    assert.ok(row.total_ns > 0);
  }
});

gadgetTest("block_top", "tells processes and disks apart", async (test) => {
  const subjects = [await test.workload("latency"), await test.workload("latency")];
  const disks: string[] = [];
  for (const subject of subjects) disks.push(...await subject.run("disk"));
  const running = await test.start({ comm: "latency", uid: Deno.uid() });
  for (const [index, subject] of subjects.entries()) await subject.run(`write ${50 + index}`);
  const rows = rowsOf(await running.stop());
  const own = subjects.map(({ pid }) => rows.filter((row) => row.pid === pid));
  assert.deepEqual(
    own.map((of) => of.map(({ disk, requests }) => [disk, requests])),
    [[[disks[0], 50]], [[disks[1], 51]]],
  );
});

gadgetTest("block_top", "keeps to the disk and the process that it is given", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const [[disk], [other]] = [await subject.run("disk"), await twin.run("disk")];
  const count = async (params: Record<string, string | number>) => {
    const running = await test.start(params);
    for (const one of [subject, twin]) await one.run("read 20");
    return rowsOf(await running.stop()).map((row) => [row.pid, row.disk, row.requests]);
  };
  assert.deepEqual(await count({ disk }), [[subject.pid, disk, 20]]);
  assert.deepEqual(await count({ pid: twin.pid }), [[twin.pid, other, 20]]);
  assert.deepEqual(await count({ pid: twin.pid, disk }), []);
});
