import assert from "node:assert/strict";
import type { FailedCalls } from "../../../../src/gadgets/failed_calls.ts";
import { groupFailures } from "../../../../src/tools/errors/failure_groups.ts";
import { failureRow } from "../../../../src/tools/errors/failure_row.ts";

function calls(rest: Partial<FailedCalls>): FailedCalls {
  return {
    syscall: "openat",
    isCompat: false,
    errno: 2,
    count: 1,
    pid: 10,
    uid: 0,
    comm: "worker",
    cgroupId: 7n,
    lastNs: 0n,
    sample: { args: [0xffffff9cn, 1n, 2n, 3n] },
    ...rest,
  };
}

const service = (port: number) => port === 80 ? "http" : null;

Deno.test("groupFailures: adds up processes of one name in one control group", () => {
  const groups = groupFailures([
    calls({ count: 2 }),
    calls({ count: 5, pid: 11, sample: { path: "/most", args: [] } }),
    calls({ count: 1, pid: 12, cgroupId: 8n }),
    calls({ count: 30, errno: 13 }),
    calls({ count: 4, isCompat: true }),
  ]);
  const shown = groups.map(({ count, processes, pid }) => [count, processes, pid]);
  assert.deepEqual(shown, [[30, 1, 10], [7, 2, 11], [4, 1, 10], [1, 1, 12]]);
  assert.equal(groups[1].sample.path, "/most");
});

Deno.test("groupFailures: counts one process once, whatever users it was", () => {
  const [group] = groupFailures([calls({ uid: 0 }), calls({ uid: 1000 })]);
  assert.equal(group.processes, 1);
  assert.equal(group.count, 2);
});

Deno.test("failureRow: shows a path or an address, else a descriptor, else the arguments", () => {
  const sample = (rest: Partial<FailedCalls>) =>
    failureRow(groupFailures([calls(rest)])[0], {}, service).sample;
  assert.deepEqual(sample({ sample: { path: "/a", args: [3n] } }), { path: "/a" });
  const address = "10.0.0.1:80";
  assert.deepEqual(sample({ syscall: "connect", sample: { address, port: 80, args: [3n] } }), {
    address,
    service: "http",
    fd: 3,
  });
  assert.deepEqual(sample({ syscall: "read", sample: { args: [9n, 1n] } }), { fd: 9 });
  const large = { syscall: "read", sample: { args: [2n ** 63n] } };
  assert.deepEqual(sample(large), { args: ["0x8000000000000000"] });
  assert.deepEqual(sample({ syscall: "prctl", sample: { args: [1n, 255n] } }), {
    args: ["0x1", "0xff"],
  });
});

Deno.test("failureRow: says who, what and what it means", () => {
  const [group] = groupFailures([calls({ count: 3 })]);
  const who = { user: "root", container: "web", unit: "docker.service" };
  assert.deepEqual(failureRow(group, who, service), {
    syscall: "openat",
    errno: 2,
    errno_name: "ENOENT",
    meaning: "the file is not there; programs also search along paths so",
    routine: true,
    count: 3,
    process: { comm: "worker", pid: 10, uid: 0, ...who },
    sample: { args: ["0xffffff9c", "0x1", "0x2", "0x3"] },
  });
});
