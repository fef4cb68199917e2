// setuid_changes over processes that become others as often as they are told.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const EPERM = -1;
const user = 1234;
const group = 4321;

const before = (one: Fields) => [one.old_real, one.old_effective, one.old_saved, one.old_fs];
const after = (one: Fields) => [one.new_real, one.new_effective, one.new_saved, one.new_fs];
const seen = (one: Fields) => [one.operation, one.ret, before(one), after(one), one.asked];

const root = [0, 0, 0, 0];
const all = (id: number) => [id, id, id, id];

gadgetTest("setuid_changes", "reports each change, and each that is refused", async (test) => {
  const { events } = await test.observe("security", ["ids_setuid 12", "ids_group 7"]);
  const users = [
    ["SETUID", 0, root, all(user), [user, -1, -1]],
    ["SETUID", EPERM, all(user), all(user), [0, -1, -1]],
  ];
  const [real, effective] = [group + 1, group + 2];
  const last = [user + 1, user + 2];
  const groups = [
    ["SETGID", 0, root, all(group), [group, -1, -1]],
    ["SETREGID", 0, all(group), [real, ...Array(3).fill(effective)], [real, effective, -1]],
    ["SETREUID", 0, root, [last[0], last[1], last[1], last[1]], [...last, -1]],
  ];
  assert.deepEqual(events.map(seen), [
    ...Array(12).fill(users).flat(),
    ...Array(7).fill(groups).flat(),
  ]);
  assert.equal(events[0].uid, user);
});

gadgetTest("setuid_changes", "reports effective ids and those for files", async ({ observe }) => {
  const { events, subject } = await observe("security", ["ids_swap 9", "ids_fs 6"]);
  const swap = (operation: string, id: number) => [
    [operation, 0, root, [0, id, 0, id], [-1, id, -1]],
    [operation, 0, [0, id, 0, id], root, [-1, 0, -1]],
  ];
  const files = (operation: string, id: number) => [
    [operation, 0, root, [0, 0, 0, id], [id, -1, -1]],
    [operation, 0, [0, 0, 0, id], root, [0, -1, -1]],
  ];
  assert.deepEqual(events.map(seen), [
    ...Array(9).fill([...swap("SETRESUID", user), ...swap("SETRESGID", group)]).flat(),
    ...Array(6).fill([...files("SETFSUID", user), ...files("SETFSGID", group)]).flat(),
  ]);
  assert.ok(events.every(({ pid, comm }) => pid === subject.pid && comm === "security"));
});

gadgetTest("setuid_changes", "reports programs whose files say so, and no others", async (test) => {
  const { events } = await test.observe("security", ["ids_exec 8", "ids_plain_exec 5"]);
  const changed = (to: number) => [0, root, [0, to, to, to], [-1, -1, -1]];
  const both = [["EXEC_UID", ...changed(user)], ["EXEC_GID", ...changed(group)]];
  assert.deepEqual(events.map(seen), Array(8).fill(both).flat());
  assert.ok(events.every(({ comm }) => comm === "copy"));
});

gadgetTest("setuid_changes", "leaves out what was not asked for", async (test) => {
  const count = async (also: Record<string, unknown>) =>
    (await test.observe("security", ["ids_setuid 3", "ids_same 4"], { also })).events.length;
  assert.equal(await count({}), 6);
  assert.equal(await count({ failed: false }), 3);
  assert.equal(await count({ unchanged: true }), 10);
  assert.equal(await count({ uid: user }), 3);
});
