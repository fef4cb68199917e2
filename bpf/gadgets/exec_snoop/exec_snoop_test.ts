// exec_snoop over processes whose execs are known.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ENOENT = -2;

gadgetTest("exec_snoop", "reports each exec once, with its arguments", async ({ observe }) => {
  const { events, subject } = await observe("execs", ["true 5", "missing 3"], {
    params: ({ pid }) => ({ ppid: pid }),
  });
  assert.deepEqual(events.map(({ ret }) => ret), [...Array(5).fill(0), ...Array(3).fill(ENOENT)]);
  assert.ok(events.every(({ ppid }) => ppid === subject.pid));
  assert.deepEqual(events[0].args, ["true", "one", "", "two words"]);
  assert.equal(events[7].filename, "/nonexistent/program");
});
