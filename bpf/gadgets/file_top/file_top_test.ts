// file_top over reads and writes whose number and bytes are known.
import assert from "node:assert/strict";
import * as z from "zod";
import { gadgetTest, type Observation } from "../../../tests/support/gadgets.ts";

const mostPathBytes = 511;
const nameLength = 200;

const fileRow = z.object({
  pid: z.number(),
  uid: z.number(),
  comm: z.string(),
  cgroup_id: z.number(),
  inode: z.number(),
  device: z.unknown(),
  reads: z.number(),
  writes: z.number(),
  bytes: z.number(),
  read_bytes: z.number(),
  written_bytes: z.number(),
  total_ns: z.number(),
  path: z.string(),
  path_cut: z.boolean(),
});

function rowsOf({ rows }: Observation): z.output<typeof fileRow>[] {
  return rows.map((row) => fileRow.parse(row));
}

gadgetTest("file_top", "counts each call and byte of a file, in all ways", async (test) => {
  const commands = ["transfer 25", "failing 9", "pipe 30"];
  const observed = await test.observe("files", commands);
  const [row, ...others] = rowsOf(observed);
  assert.deepEqual(others, [], "no other file, no failure and no pipe");
  const { pid, comm, uid, cgroup_id, path, path_cut, inode, total_ns } = row;
  const [[wantedPath, wantedInode]] = observed.answers;
  assert.deepEqual([pid, comm, uid], [observed.subject.pid, "files", Deno.uid()]);
  assert.equal(cgroup_id, (await Deno.stat(test.cgroup.path)).ino);
  assert.deepEqual([path, path_cut, inode], [wantedPath, false, Number(wantedInode)]);
  const { reads, writes, read_bytes, written_bytes, bytes } = row;
  assert.deepEqual([reads, writes], [25 * 6, 25 * 5]);
  assert.deepEqual([read_bytes, written_bytes, bytes], [1250, 1250, 2500]);
  assert.ok(total_ns > 0);
});

gadgetTest("file_top", "has a row for each file, most bytes first", async (test) => {
  const observed = await test.observe("files", ["several 10", "several 120"]);
  const sizes = rowsOf(observed).map(({ bytes, writes, path }) => {
    return `${bytes} ${writes} ${path.split("/").at(-1)}`;
  });
  const wanted = Array.from({ length: 120 }, (_, index) => 120 - index)
    .flatMap((size) => Array<string>(size <= 10 ? 2 : 1).fill(`${size} 1 ${size}`));
  assert.deepEqual(sizes, wanted, "also where inode numbers are used again");
});

gadgetTest("file_top", "keeps the end of a long path, and says so", async (test) => {
  const { answers: [[path]], ...observed } = await test.observe("files", ["deep 33"]);
  const [row] = rowsOf(observed);
  assert.deepEqual([row.written_bytes, row.path_cut], [33, true]);
  assert.ok(path.endsWith(row.path) && row.path.length <= mostPathBytes);
  assert.equal(row.path, path.slice(-2 * (nameLength + 1) - "/file".length), "whole names");
});

gadgetTest("file_top", "tells processes apart that share a file system", async (test) => {
  const subjects = [await test.workload("files"), await test.workload("files")];
  const running = await test.start({ comm: "files", uid: Deno.uid() });
  for (const [index, subject] of subjects.entries()) await subject.run(`transfer ${index + 1}`);
  const rows = rowsOf(await running.stop());
  const own = subjects.map(({ pid }) => rows.filter((row) => row.pid === pid));
  assert.deepEqual(own.map((of) => of.map(({ bytes }) => bytes)), [[100], [200]]);
  const nobody = await test.start({ comm: "files", pid: subjects[0].pid, uid: 4_294_967_294 });
  await subjects[0].run("transfer 1");
  assert.deepEqual(rowsOf(await nobody.stop()), []);
});
