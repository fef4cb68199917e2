// capability_checks over calls that need one capability each.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const EPERM = -1;
const CAP_SYS_CHROOT = 18;
const CAP_SYS_BOOT = 22;
const user = 1234;

const seen = (one: Fields) => [one.pid, one.uid, one.capability, one.ret, one.count];

gadgetTest("capability_checks", "counts each check of a process, by its answer", async (test) => {
  const commands = ["caps_there 40", "caps_missing 25", "caps_there 3"];
  const { rows, subject, answers } = await test.observe("security", commands);
  const child = Number(answers[1][0]);
  const asked = rows.filter(({ capability }) =>
    capability === CAP_SYS_BOOT || capability === CAP_SYS_CHROOT
  );
  assert.deepEqual(asked.map(seen), [
    [subject.pid, 0, CAP_SYS_CHROOT, 0, 45],
    [subject.pid, 0, CAP_SYS_BOOT, 0, 43],
    [child, user, CAP_SYS_CHROOT, EPERM, 26],
    [child, user, CAP_SYS_BOOT, EPERM, 25],
  ]);
  assert.ok(
    rows.every(({ comm, namespace_level }) => comm === "security" && namespace_level === 0),
  );
});

gadgetTest("capability_checks", "counts one capability alone, or missing ones", async (test) => {
  const commands = ["caps_there 7", "caps_missing 5"];
  const look = async (also: Record<string, unknown>) =>
    (await test.observe("security", commands, { also })).rows.map((one) => one.count);
  assert.deepEqual(await look({ capability: CAP_SYS_BOOT }), [7, 5]);
  assert.deepEqual(await look({ capability: CAP_SYS_CHROOT, missing_only: true }), [6]);
});
