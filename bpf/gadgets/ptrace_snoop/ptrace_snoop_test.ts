// ptrace_snoop over children that are traced as often as it is told.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ESRCH = -3;
const EBADF = -9;
const nobody = 4_194_303;
const [readBytes, writtenBytes] = [64, 24];

const seen = (one: Fields) => [one.request, one.ret, one.traced_pid, one.bytes];

gadgetTest("ptrace_snoop", "reports each request, and on whom", async ({ observe }) => {
  const { events, subject, answers } = await observe("security", [
    "trace_child 15",
    "trace_memory 9",
    "trace_descriptors 6",
  ]);
  const [traced, read, taken] = answers.map(([pid]) => Number(pid));
  const requests = ["PTRACE_SEIZE", "PTRACE_INTERRUPT", "PTRACE_PEEKDATA", "PTRACE_DETACH"];
  const memory = [
    ["PROCESS_VM_READV", 0, read, readBytes],
    ["PROCESS_VM_WRITEV", 0, read, writtenBytes],
  ];
  assert.deepEqual(events.map(seen), [
    ...Array(15).fill(requests.map((request) => [request, 0, traced, 0])).flat(),
    ...Array(9).fill(memory).flat(),
    ...Array(6).fill(["PIDFD_GETFD", 0, taken, 0]),
  ]);
  for (const { pid, comm, traced_comm, traced_tid, traced_pid, traced_uid } of events) {
    assert.deepEqual([pid, comm, traced_comm], [subject.pid, "security", "security"]);
    assert.deepEqual([traced_tid, traced_uid], [traced_pid, 0]);
  }
});

gadgetTest("ptrace_snoop", "reports who asks to be traced, and what fails", async ({ observe }) => {
  const { events, subject } = await observe("security", ["trace_me 8", "trace_fails 5"]);
  const asked = events.slice(0, 8);
  assert.equal(new Set(asked.map(({ pid }) => pid)).size, 8);
  assert.deepEqual(asked.map(seen), asked.map(({ pid }) => ["PTRACE_TRACEME", 0, pid, 0]));
  const failures = [
    ["PTRACE_SEIZE", ESRCH, 0, 0],
    ["PROCESS_VM_READV", ESRCH, 0, 0],
    ["PIDFD_GETFD", EBADF, 0, 0],
    ["PTRACE_CONT", ESRCH, subject.pid, 0],
  ];
  const failed = events.slice(8);
  assert.deepEqual(failed.map(seen), Array(5).fill(failures).flat());
  assert.deepEqual(failed.slice(0, 3).map((one) => one.asked_id), [nobody, nobody, -1]);
});

gadgetTest("ptrace_snoop", "leaves out what was not asked for", async (test) => {
  const commands = ["trace_child 4", "trace_fails 3"];
  const count = async (also: Record<string, unknown>) =>
    (await test.observe("security", commands, { also })).events.length;
  assert.equal(await count({ failed_only: true }), 12);
  assert.equal(await count({ beginnings_only: true }), 4 + 9);
  const params = ({ pid }: { pid: number }) => ({ traced_pid: pid });
  assert.equal((await test.observe("security", commands, { params })).events.length, 3);
});
