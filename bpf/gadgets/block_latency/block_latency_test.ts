// block_latency over direct requests of known number to a loop device of the test's own.
import assert from "node:assert/strict";
import * as z from "zod";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const BLOCK_BYTES = 4096;
const MINOR_BITS = 20;
const loopMajor = 7;

const blockRow = z.object({
  disk: z.string(),
  operation: z.string(),
  device: z.unknown(),
  count: z.number(),
  total_ns: z.number(),
  bytes: z.number(),
  slots: z.object({ unit: z.literal("us"), count: z.number() }).loose(),
}).loose();

const commands = ["write 200", "read 150", "flush 7"];

gadgetTest("block_latency", "counts each request of a device by operation", async (test) => {
  const [subject, twin] = [await test.workload("latency"), await test.twin("latency")];
  const [[disk], [other]] = [await subject.run("disk"), await twin.run("disk")];
  assert.notEqual(disk, other);
  const running = await test.start({ disk });
  for (const command of commands) {
    await subject.run(command);
    await twin.run(command);
  }
  const rows = (await running.stop()).rows.map((row) => blockRow.parse(row));
  assert.deepEqual(
    rows.map(({ operation, count, bytes }) => [operation, count, bytes]).sort(),
    [["flush", 7, 0], ["read", 150, 150 * BLOCK_BYTES], ["write", 200, 200 * BLOCK_BYTES]],
  );
  assert.ok(rows.every((row) => row.disk === disk && row.slots.count === row.count));
  assert.ok(rows.every(({ total_ns }) => total_ns > 0));
});

gadgetTest("block_latency", "tells devices apart, and counts waiting if told", async (test) => {
  const subjects = [await test.workload("latency"), await test.twin("latency")];
  const disks: string[] = [];
  for (const subject of subjects) disks.push(...await subject.run("disk"));
  const running = await test.start({ queued: true });
  for (const [index, subject] of subjects.entries()) await subject.run(`write ${50 + index}`);
  const rows = (await running.stop()).rows.map((row) => blockRow.parse(row));
  const own = disks.map((disk) => rows.filter((row) => row.disk === disk));
  assert.deepEqual(own.map((of) => of.map(({ operation, count }) => [operation, count])), [
    [["write", 50]],
    [["write", 51]],
  ]);
  const number = Number(disks[0].replace("loop", ""));
  const device = loopMajor * 2 ** MINOR_BITS + number;
  assert.ok(JSON.stringify(own[0][0]).includes(String(device)), JSON.stringify(own[0][0]));
});
