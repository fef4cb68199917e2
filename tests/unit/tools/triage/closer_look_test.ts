import assert from "node:assert/strict";
import type { FailureGroup } from "../../../../src/tools/errors/failure_groups.ts";
import { closerLook } from "../../../../src/tools/triage/failing_calls.ts";

const group: FailureGroup = {
  syscall: "openat",
  isCompat: false,
  errno: 2,
  comm: "bash",
  cgroupId: 1n,
  count: 1,
  processes: 1,
  pid: 42,
  uid: 0,
  sample: { args: [] },
};

const looks: [string, Partial<FailureGroup>, Record<string, unknown>][] = [
  ["all by name", {}, { comm: "bash", syscalls: ["openat"], errnos: ["ENOENT"] }],
  [
    "a process whose name cannot be said",
    { comm: "\\x1b[31m" },
    { pid: 42, syscalls: ["openat"], errnos: ["ENOENT"] },
  ],
  ["an error of the kernel's own", { errno: 524 }, { comm: "bash", syscalls: ["openat"] }],
  ["a call that is too new", { syscall: "syscall 999" }, { comm: "bash", errnos: ["ENOENT"] }],
];

for (const [what, changed, wanted] of looks) {
  Deno.test(`closerLook asks trace_errors for what it takes: ${what}`, () => {
    assert.deepEqual(closerLook({ ...group, ...changed }), wanted);
  });
}
