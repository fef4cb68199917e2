// exec_snoop over processes whose execs are known.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ENOENT = -2;

gadgetTest("exec_snoop", "reports each exec once, with its arguments", async ({ observe }) => {
  const { events, subject } = await observe("execs", ["true 5", "missing 3"]);
  assert.deepEqual(events.map(({ ret }) => ret), [0, 0, 0, 0, 0, ENOENT, ENOENT, ENOENT]);
  assert.ok(events.every(({ ppid }) => ppid === subject.pid));
  assert.equal(new Set(events.map(({ pid }) => pid)).size, 8);
  assert.deepEqual(events[0].args, ["true", "one", "", "two words"]);
  assert.equal(events[7].filename, "/nonexistent/program");
});

gadgetTest("exec_snoop", "leaves out failures when it is told to", async ({ observe }) => {
  const { events } = await observe("execs", ["true 2", "missing 3"], { also: { failed: false } });
  assert.deepEqual(events.map(({ filename }) => filename), ["/bin/true", "/bin/true"]);
});
