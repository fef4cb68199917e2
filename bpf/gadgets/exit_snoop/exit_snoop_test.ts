// exit_snoop over children and threads that end in known ways.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const SIGABRT = 6;
const SIGKILL = 9;

gadgetTest("exit_snoop", "reports each exit once, with code or signal", async ({ observe }) => {
  const commands = ["exit 0 2", "exit 42 3", `signal ${SIGKILL} 2`, "dump"];
  const { events, subject, answers } = await observe("exits", commands);
  const dumped = answers[3][0] === "1";
  assert.deepEqual(events.map((one) => [one.exit_code, one.signal, one.core_dumped]), [
    ...Array(2).fill([0, 0, false]),
    ...Array(3).fill([42, 0, false]),
    ...Array(2).fill([0, SIGKILL, false]),
    [0, SIGABRT, dumped],
  ]);
  assert.ok(events.every(({ ppid, comm }) => ppid === subject.pid && comm === "exits"));
  assert.ok(events.every(({ pid, tid }) => pid === tid));
  assert.ok(events.every(({ process_ended }) => process_ended === true));
  assert.equal(new Set(events.map(({ pid }) => pid)).size, 8);
});

gadgetTest("exit_snoop", "tells threads from processes, and their age", async ({ observe }) => {
  const { events, subject } = await observe("exits", ["threads 4", "sleep 30"]);
  const threads = events.slice(0, 4);
  assert.ok(threads.every(({ pid, tid }) => pid === subject.pid && tid !== pid));
  assert.ok(threads.every(({ process_ended }) => process_ended === false));
  assert.equal(events.length, 5);
  const { age_ns, cpu_ns, process_ended } = events[4];
  assert.equal(process_ended, true);
  assert.ok(Number(age_ns) >= 30e6 && Number(age_ns) < 30e9, `age ${age_ns}`);
  assert.ok(Number(cpu_ns) > 0 && Number(cpu_ns) < Number(age_ns), `CPU ${cpu_ns}`);
});

gadgetTest("exit_snoop", "leaves out threads and successes", async ({ observe }) => {
  const also = { threads: false, only_failed: true };
  const { events } = await observe("exits", ["threads 3", "exit 0 2", "exit 7 1"], { also });
  assert.deepEqual(events.map(({ exit_code }) => exit_code), [7]);
});
