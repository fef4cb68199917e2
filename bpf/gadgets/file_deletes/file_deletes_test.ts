// file_deletes over files that a program makes and deletes as often as it is told.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ENOENT = -2;
const ENAMETOOLONG = -36;
const AT_FDCWD = -100;

gadgetTest("file_deletes", "reports each name that is taken away, once", async ({ observe }) => {
  const { events, subject, answers } = await observe("security", [
    "unlink 20",
    "rmdir 10",
    "unlinkat 7",
    "replace 5",
  ]);
  const own = `/tmp/security-${subject.pid}`;
  const descriptor = Number(answers[2][0]);
  const gone = ["DELETE_RMDIR", own, AT_FDCWD, 0];
  const at = [["DELETE_UNLINK", "file", descriptor, 0], ["DELETE_RMDIR", "folder", descriptor, 0]];
  assert.deepEqual(events.map((one) => [one.operation, one.path, one.folder_fd, one.ret]), [
    ...Array(20).fill(["DELETE_UNLINK", `${own}/file`, AT_FDCWD, 0]),
    gone,
    ...Array(10).fill(["DELETE_RMDIR", `${own}/folder`, AT_FDCWD, 0]),
    gone,
    ...Array(7).fill(at).flat(),
    gone,
    ...Array(15).fill(["DELETE_RENAME", `${own}/old`, AT_FDCWD, 0]),
    ["DELETE_UNLINK", `${own}/old`, AT_FDCWD, 0],
    gone,
  ]);
  for (const { pid, comm, path_cut } of events) {
    assert.deepEqual([pid, comm, path_cut], [subject.pid, "security", false]);
  }
});

gadgetTest("file_deletes", "reports what failed, with paths of any length", async (test) => {
  const { events } = await test.observe("security", ["missing 30", "long 4"]);
  const seen = events.map(({ ret, path, path_cut }) => [ret, String(path).length, path_cut]);
  const missing = [ENOENT, "/nonexistent/by-security".length, false];
  const pair = [[ENOENT, 4095, false], [ENAMETOOLONG, 4095, true]];
  assert.deepEqual(seen, [...Array(30).fill(missing), ...Array(4).fill(pair).flat()]);
});

gadgetTest(
  "file_deletes",
  "leaves out renames that keep both, and what was not asked",
  async (test) => {
    const commands = ["keep 6", "replace 2", "missing 3"];
    const count = async (also: Record<string, unknown>) =>
      (await test.observe("security", commands, { also })).events.length;
    const unlinks = 2 + 1;
    const folders = 2;
    assert.equal(await count({}), 3 * 2 + unlinks + folders + 3);
    assert.equal(await count({ renames: false }), unlinks + folders + 3);
    assert.equal(await count({ failed: false }), 3 * 2 + unlinks + folders);
  },
);
