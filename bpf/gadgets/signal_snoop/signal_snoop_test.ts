// signal_snoop over signals that are sent in known ways.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const SIGUSR1 = 10;
const SIGSEGV = 11;
const SIGUSR2 = 12;
const SIGTERM = 15;
const SIGCHLD = 17;
const SIGURG = 23;
const EPERM = -1;
const ESRCH = -3;
const SI_TKILL = -6;
const NO_PROCESS = 4194303;

gadgetTest("signal_snoop", "reports each signal once, with its end", async ({ observe }) => {
  const commands = ["term 2", "ignored 2", "pending 3", "thread 1", "question 4"];
  const { events, answers, subject: { pid } } = await observe("signals", commands);
  const seen = events.map((
    { signal, pid, receiver_pid, result, from_kernel },
  ) => [signal, pid, receiver_pid, result, from_kernel]);
  const [children] = answers;
  const ofChildren = children.map(Number).flatMap((child) => [
    [SIGTERM, pid, child, "DELIVERED", false],
    [SIGCHLD, child, pid, "IGNORED", true],
  ]);
  assert.deepEqual(seen, [
    ...ofChildren,
    ...Array(2).fill([SIGUSR1, pid, pid, "IGNORED", false]),
    [SIGUSR2, pid, pid, "DELIVERED", false],
    ...Array(2).fill([SIGUSR2, pid, pid, "ALREADY_PENDING", false]),
    [SIGURG, pid, pid, "IGNORED", false],
  ]);
  const last = events[events.length - 1];
  assert.deepEqual([last.code, last.to_thread, last.ret], [SI_TKILL, true, 0]);
  assert.equal(events[0].receiver_comm, "signals");
});

gadgetTest("signal_snoop", "reports refused calls, and faults", async ({ observe }) => {
  const { events, answers, subject } = await observe("signals", [
    "missing 2",
    "denied",
    "fault",
  ]);
  const refused = events.filter(({ result }) => result === "REFUSED");
  const missing = [
    [NO_PROCESS, 0, ESRCH, false],
    [0, NO_PROCESS, ESRCH, true],
  ];
  assert.deepEqual(
    refused.map((one) => [one.receiver_pid, one.receiver_tid, one.ret, one.to_thread]),
    [...missing, ...missing, [subject.pid, 0, EPERM, false]],
  );
  assert.equal(refused[4].pid, Number(answers[1][0]));
  const faults = events.filter(({ signal }) => signal === SIGSEGV);
  const child = Number(answers[2][0]);
  assert.deepEqual(
    faults.map((
      { pid, receiver_pid, from_kernel, result },
    ) => [pid, receiver_pid, from_kernel, result]),
    [[child, child, true, "DELIVERED"]],
  );
});

gadgetTest("signal_snoop", "follows one signal, to one process", async ({ observe }) => {
  const { events } = await observe("signals", ["term 2", "ignored 3", "missing 1"], {
    params: ({ pid }) => ({ receiver: pid, signal: SIGUSR1 }),
  });
  assert.deepEqual(events.map(({ signal }) => signal), [SIGUSR1, SIGUSR1, SIGUSR1]);
});
