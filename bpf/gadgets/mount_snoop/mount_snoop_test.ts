// mount_snoop over mounts in a mount namespace of their own.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ENOENT = -2;
const EBADF = -9;
const ENODEV = -19;
const MS_NOSUID = 2;
const MNT_DETACH = 2;
const FROM_EMPTY_PATH = 4;

gadgetTest("mount_snoop", "reports each mount and unmount, once", async ({ observe }) => {
  const { events, subject } = await observe("security", [
    "own_mounts 1",
    "mount_new 12",
    "mount_bind 7",
    "mount_again 4",
    "mount_steps 5",
  ]);
  const at = `/tmp/security-${subject.pid}/mnt`;
  const gone = ["MOUNT_UMOUNT", "", "", at];
  const fresh = ["MOUNT_NEW", "tmpfs", "fresh", at];
  const stepped = [["MOUNT_FSMOUNT", "tmpfs", "stepped", ""], ["MOUNT_MOVE_MOUNT", "", "", at]];
  assert.deepEqual(events.map((one) => [one.operation, one.fstype, one.source, one.target]), [
    ["MOUNT_PROPAGATION", "", "", "/"],
    ...Array(12).fill([fresh, gone]).flat(),
    ...Array(7).fill([["MOUNT_BIND", "", "/tmp", at], gone]).flat(),
    fresh,
    ...Array(4).fill(["MOUNT_REMOUNT", "", "", at]),
    gone,
    ...Array(5).fill([...stepped, gone]).flat(),
  ]);
  const link = await Deno.readLink(`/proc/${subject.pid}/ns/mnt`);
  for (const { pid, comm, ret, mount_ns, source_cut, target_cut } of events) {
    assert.deepEqual([pid, comm, ret], [subject.pid, "security", 0]);
    assert.deepEqual([`mnt:[${mount_ns}]`, source_cut, target_cut], [link, false, false]);
  }
  const flagsOf = (at: number) => events.at(at)?.flags;
  assert.deepEqual([flagsOf(1), flagsOf(26), flagsOf(-2)], [
    MS_NOSUID,
    MNT_DETACH,
    FROM_EMPTY_PATH,
  ]);
});

gadgetTest("mount_snoop", "reports why a mount failed", async (test) => {
  const commands = ["own_mounts 1", "mount_new 2", "mount_fails 9"];
  const also = { failed_only: true };
  const { events, subject } = await test.observe("security", commands, { also });
  const at = `/tmp/security-${subject.pid}/mnt`;
  const seen = events.map((one) => [one.operation, one.fstype, one.target, one.ret]);
  const failures = [
    ["MOUNT_NEW", "no_such_type", at, ENODEV],
    ["MOUNT_UMOUNT", "", "/nonexistent/mount", ENOENT],
    ["MOUNT_FSMOUNT", "", "", EBADF],
  ];
  assert.deepEqual(seen, Array(9).fill(failures).flat());
});
