// oom_kill over a child that takes more memory than its control group may have.
import assert from "node:assert/strict";
import { gadgetTest } from "../../../tests/support/gadgets.ts";
import { MemoryLimit } from "../../../tests/support/memory_limit.ts";

const MIB = 1024 * 1024;
const PAGE = 4096;
const SIGKILL = "9";

gadgetTest("oom_kill", "reports each victim once, with its size", async (test) => {
  const { cgroup, twinCgroup } = test;
  await using owned = new AsyncDisposableStack();
  const subject = await test.workload("grow");
  const twin = await test.twin("grow");
  owned.use(await MemoryLimit.set(cgroup, subject.pid, 24 * MIB));
  owned.use(await MemoryLimit.set(twinCgroup, twin.pid, 24 * MIB));
  const running = await test.start({ cgroup: `/${cgroup.name}` });
  const first = await subject.run("grow 64");
  await twin.run("grow 64");
  await subject.run("grow 4"); // has room
  const second = await subject.run("grow 64");
  const { events } = await running.stop();
  assert.deepEqual([first[1], second[1]], [SIGKILL, SIGKILL]);
  assert.deepEqual(events.map(({ pid }) => String(pid)), [first[0], second[0]]);
  for (const event of events) {
    assert.equal(event.comm, "grow");
    assert.equal(event.trigger_pid, event.pid);
    assert.equal(event.cgroup_id, event.trigger_cgroup_id);
    const bytes = Number(event.anon_pages) * PAGE;
    assert.ok(bytes > 12 * MIB && bytes <= 24 * MIB, `${bytes} bytes`);
    assert.ok(Number(event.virtual_pages) * PAGE > 64 * MIB);
  }
  await subject[Symbol.asyncDispose]();
  await twin[Symbol.asyncDispose]();
});
