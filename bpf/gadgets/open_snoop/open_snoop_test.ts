// open_snoop over files that are opened in known ways.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
const ENOENT = -2;
const EFAULT = -14;
const ENAMETOOLONG = -36;

gadgetTest("open_snoop", "reports each open once, by every call", async ({ observe }) => {
  const commands = ["open 2", "creat 3", "openat 4", "openat2 5"];
  const { events, answers, subject } = await observe("opens", commands);
  const fd = Number(answers[0][0]);
  const opened = (count: number, flags: number, mode: number) =>
    Array(count).fill(["/dev/null", 0, fd, AT_FDCWD, flags, mode]);
  assert.deepEqual(
    events.map((
      { path, ret, fd, folder_fd, flags, mode },
    ) => [path, ret, fd, folder_fd, flags, mode]),
    [
      ...opened(2, O_CLOEXEC, 0),
      ...opened(3, 0o1101, 0o640),
      ...opened(4, O_CLOEXEC | 1, 0),
      ...opened(5, O_CLOEXEC | 2, 0),
    ],
  );
  assert.ok(events.every(({ pid, comm }) => pid === subject.pid && comm === "opens"));
  assert.ok(events.every(({ latency_ns }) => Number(latency_ns) > 0));
});

gadgetTest("open_snoop", "reports failures, and cut and relative paths", async ({ observe }) => {
  const commands = ["missing 2", "long 1", "fault 1", "relative 2"];
  const { events, answers } = await observe("opens", commands);
  const folder = Number(answers[3][0]);
  assert.deepEqual(events.map((one) => [one.ret, one.path_cut]), [
    [ENOENT, false],
    [ENOENT, false],
    [ENAMETOOLONG, true],
    [EFAULT, true],
    [0, false], // the folder itself
    [0, false],
    [0, false],
  ]);
  assert.ok(events.slice(0, 4).every(({ fd }) => fd === -1));
  assert.equal(events[0].path, "/nonexistent/file");
  assert.equal(events[2].path, `/${"x".repeat(4094)}`);
  assert.equal(events[3].path, "");
  assert.deepEqual([events[6].path, events[6].folder_fd], ["null", folder]);
});

gadgetTest("open_snoop", "follows only failures below a prefix", async ({ observe }) => {
  const also = { only_failed: true, prefix: "/nonex" };
  const { events } = await observe("opens", ["openat 3", "missing 4", "long 1"], { also });
  assert.deepEqual(events.map(({ path }) => path), Array(4).fill("/nonexistent/file"));
});
