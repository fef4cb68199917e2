// A table whose rows have stacks: the frames stand beside the ids, in words.
import assert from "node:assert/strict";
import * as z from "zod";
import { endGadget, startGadget } from "../../src/gadgets/runner.ts";
import { TableStream } from "../../src/session/table_stream.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never, openSession } from "../support/session.ts";
import { Workload } from "../support/workload.ts";

const row = z.object({
  pid: z.number(),
  user_stack: z.number(),
  count: z.number(),
  kernel_frames: z.array(z.string()),
  user_frames: z.array(z.string()),
});

kernelTest(
  "TableStream names the stacks of its rows, also when the process has ended",
  async () => {
    await using session = openSession();
    await using group = await TestCgroup.make();
    const workload = await (await Workload.start("latency")).inCgroup(group);
    const gadget = session.services.gadgets.get("profile");
    const params = { cgroup: group.path, frequency: 499 };
    const run = await startGadget(session, gadget, params, { format: "json" }, never);
    const { stream } = run;
    assert.ok(stream instanceof TableStream);
    await workload.run("split 500");
    stream.stop("stopped");
    while (stream.end === null) await stream.waitForEnd(1_000, never);
    await endGadget(session, run.object);
    await workload[Symbol.asyncDispose]();
    const { rows } = await stream.rows(never);
    const named = rows.map((one) => row.parse(one));
    assert.ok(named.length > 0);
    assert.ok(named.every(({ pid }) => pid === workload.pid));
    const inProgram = named.filter(({ user_stack }) => user_stack >= 0);
    const innermost = Map.groupBy(inProgram, ({ user_frames: [frame] }) => frame);
    const counts = Array.from(innermost, ([name, rows]) => {
      return { name, count: rows.reduce((sum, { count }) => sum + count, 0) };
    }).sort((one, other) => other.count - one.count);
    // 70, 20 and 10 % of its time
    const first = counts.slice(0, 3).map(({ name }) => name);
    assert.deepEqual(first, ["spin_most", "spin_some", "spin_few"], JSON.stringify(counts));
  },
);
