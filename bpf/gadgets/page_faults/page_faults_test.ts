// page_faults beside what the kernel itself counts of a process (getrusage).
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const commands = ["write 500", "read 300", "copy 200", "kernel 100", "signal 50"];
const faults = 500 + 300 + 2 * 200 + 100 + 50;

gadgetTest("page_faults", "counts each fault of a process, by its kind", async (test) => {
  // once before: what a program faults on when it first comes by its code is then there
  const [subject, twin] = [await test.workload("faults"), await test.twin("faults")];
  const run = async (one: typeof subject) => {
    const answers: string[][] = [];
    for (const command of commands) answers.push(await one.run(command));
    return answers;
  };
  await run(subject);
  const running = await test.start({ cgroup: `/${test.cgroup.name}` });
  const answers = await run(subject);
  await run(twin);
  const { rows } = await running.stop();
  assert.deepEqual(answers, [["500", "0"], ["300", "0"], ["400", "0"], ["100", "0"], ["0", "0"]]);
  assert.equal(rows.length, 1, JSON.stringify(rows));
  const [row] = rows;
  const { pid, comm, kernel_faults, writes, fetches, protection, minor, major } = row;
  assert.deepEqual([pid, comm, row.faults], [subject.pid, "faults", faults]);
  assert.deepEqual([kernel_faults, writes, fetches, protection], [100, 800, 0, 200]);
  assert.deepEqual([minor, major], [faults - 50, 0], "its counters were read behind its signals");
});

gadgetTest(
  "page_faults",
  "tells what waited for a disk, and a process to its end",
  async (test) => {
    const { rows, subject, answers } = await test.observe("faults", ["major 40", "child 70"]);
    const [[, disk], [child, whole]] = answers;
    assert.equal(disk, "40");
    const ofDisk = rows.find(({ pid }) => pid === subject.pid);
    const ofChild = rows.find(({ pid }) => pid === Number(child));
    assert.equal(ofDisk?.major, 40);
    assert.deepEqual([ofChild?.minor, ofChild?.major], [Number(whole), 0]);
    assert.equal(ofChild?.faults, Number(whole));
  },
);

gadgetTest("page_faults", "sums up by control group", async (test) => {
  const [one, other] = [await test.workload("faults"), await test.workload("faults")];
  await using twin = await test.twin("faults");
  for (const each of [one, other, twin]) await each.run("write 10");
  const running = await test.start({ cgroup: `/${test.cgroup.name}`, by_cgroup: true });
  for (const each of [one, other, twin]) await each.run("write 150");
  const { rows } = await running.stop();
  assert.deepEqual(rows.map((row) => [row.pid, row.comm, row.faults]), [[0, "", 300]]);
});
