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
  const { events, subject } = await observe("exits", ["threads 4", "sleep 30", "work 20"]);
  const threads = events.slice(0, 4);
  assert.ok(threads.every(({ pid, tid }) => pid === subject.pid && tid !== pid));
  assert.ok(threads.every(({ process_ended }) => process_ended === false));
  const [sleeper, worker] = events.slice(4);
  assert.equal(events.length, 6);
  assert.ok(sleeper.process_ended && worker.process_ended);
  assert.ok(Number(sleeper.age_ns) >= 30e6 && Number(sleeper.age_ns) < 60e9);
  assert.ok(Number(sleeper.cpu_ns) < Number(sleeper.age_ns), `CPU ${sleeper.cpu_ns}`);
  assert.ok(Number(worker.cpu_ns) >= 20e6 && Number(worker.cpu_ns) < 60e9);
});

gadgetTest("exit_snoop", "gives every thread the code of its group", async ({ observe }) => {
  const { events, answers: [[child]] } = await observe("exits", ["group 5 6"]);
  assert.deepEqual(
    events.map(({ pid, exit_code }) => [pid, exit_code]),
    Array(7).fill([Number(child), 5]),
  );
  assert.equal(new Set(events.map(({ tid }) => tid)).size, 7);
  assert.ok(events.some(({ process_ended }) => process_ended === true));
});

gadgetTest("exit_snoop", "leaves out threads and successes", async ({ observe }) => {
  const also = { threads: false, only_failed: true };
  const { events } = await observe("exits", ["threads 3", "exit 0 2", "exit 7 1"], { also });
  assert.deepEqual(events.map(({ exit_code }) => exit_code), [7]);
});
