// syscall_latency over system calls of known number.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const NS_PER_MS = 1e6;

function row(rows: readonly Fields[], [number]: readonly string[]): Fields {
  const found = rows.filter(({ syscall }) => syscall === Number(number));
  assert.equal(found.length, 1, JSON.stringify(rows));
  return found[0];
}

gadgetTest("syscall_latency", "counts each call and each failure", async ({ observe }) => {
  const { rows, answers } = await observe("syscalls", ["getppid 500", "bad 7", "sleep 20 3"]);
  const [getppid, close, sleep] = answers.map((answer) => row(rows, answer));
  assert.deepEqual([getppid.count, getppid.errors], [500, 0]);
  assert.deepEqual([close.count, close.errors], [7, 7]);
  assert.deepEqual([sleep.count, sleep.errors], [3, 0]);
  const [total, longest] = [Number(sleep.total_ns), Number(sleep.max_ns)];
  assert.ok(total >= 60 * NS_PER_MS && longest >= 20 * NS_PER_MS && total <= 3 * longest);
  assert.ok(Number(getppid.total_ns) < total);
});

gadgetTest("syscall_latency", "keeps only slow calls of one number", async ({ observe }) => {
  const { rows, answers } = await observe("syscalls", ["sleep 1 5", "getppid 50"], {
    also: { min_latency_us: 900, by_process: true },
  });
  const sleep = row(rows, answers[0]);
  assert.equal(sleep.count, 5);
  assert.ok(rows.every(({ syscall }) => syscall !== Number(answers[1][0])));
});

gadgetTest("syscall_latency", "splits by process, and follows failures", async ({ observe }) => {
  const { rows, answers, subject } = await observe("syscalls", ["bad 9", "getppid 20"], {
    also: { by_process: true, only_failed: true },
  });
  assert.deepEqual(
    rows.map(({ syscall, pid, count, errors }) => [syscall, pid, count, errors]),
    [[Number(answers[0][0]), subject.pid, 9, 9]],
  );
});
