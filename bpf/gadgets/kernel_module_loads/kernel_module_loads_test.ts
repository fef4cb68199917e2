// kernel_module_loads over veth, unloaded and loaded again, and over attempts that fail.
import assert from "node:assert/strict";
import type { Fields } from "../../../tests/support/answers.ts";
import { gadgetTest } from "../../../tests/support/gadgets.ts";

const ENOENT = -2;
const ENOEXEC = -8;
const EBADF = -9;
const EEXIST = -17;
const O_NONBLOCK = 2048;

const seen = (one: Fields) => [one.operation, one.name, one.file, one.ret, one.known];

gadgetTest("kernel_module_loads", "reports each load, unload and failure once", async (test) => {
  const { events, subject } = await test.observe("modules", [
    "cycle 3",
    "garbage 20",
    "descriptor 15",
    "absent 10",
    "again 2",
  ], { twin: "after" }); // there is one veth
  const unloaded = ["MODULE_UNLOAD", "veth", "", 0, true];
  const loaded = ["MODULE_LOAD", "veth", "veth.ko", 0, true];
  assert.deepEqual(events.map(seen), [
    ...Array(3).fill([unloaded, loaded]).flat(),
    ...Array(20).fill(["MODULE_LOAD", "", "", ENOEXEC, false]),
    ...Array(15).fill(["MODULE_LOAD", "", "", EBADF, false]),
    ...Array(10).fill(["MODULE_UNLOAD", "not_there", "", ENOENT, false]),
    ...Array(2).fill(["MODULE_LOAD", "", "veth.ko", EEXIST, false]),
  ]);
  for (const { pid, tid, comm, uid, taints } of events) {
    assert.deepEqual([pid, tid, comm, uid], [subject.pid, subject.pid, "modules", 0]);
    assert.equal(taints, 0, "Debian's modules are signed, and of the kernel's tree");
  }
  assert.deepEqual([events[0].flags, events[1].flags], [O_NONBLOCK, 0]);
  assert.deepEqual([events[6].options, events[6].options_cut], ["one=1 two", false]);
});

gadgetTest("kernel_module_loads", "tells for whom the kernel asks for a module", async (test) => {
  const { events, subject } = await test.observe("modules", ["request 7"]);
  const asked = events.filter(({ name }) => name === "net-pf-9");
  assert.deepEqual(asked.map(seen), Array(7).fill(["MODULE_REQUEST", "net-pf-9", "", 0, false]));
  assert.ok(events.every(({ pid, operation }) => {
    return pid === subject.pid && operation === "MODULE_REQUEST";
  }));
});

gadgetTest("kernel_module_loads", "reports one module alone, or failures", async (test) => {
  const commands = ["cycle 1", "absent 4", "long 2"];
  const look = async (also: Record<string, unknown>) =>
    (await test.observe("modules", commands, { also, twin: "after" })).events;
  const count = async (also: Record<string, unknown>) => (await look(also)).length;
  assert.equal(await count({ module: "veth" }), 2);
  assert.equal(await count({ module: "vet" }), 0);
  assert.equal(await count({ module: "not_there" }), 4);
  assert.equal(await count({ module: "x".repeat(55) }), 0);
  const failed = await look({ failed_only: true });
  assert.equal(failed.length, 6);
  const long = failed[4];
  assert.deepEqual([long.options, long.options_cut], ["x".repeat(255), true]);
});
