// A gadget whose answer is a table: counted in the kernel, read when its programs are detached.
import assert from "node:assert/strict";
import { describeObject } from "../../src/gadgets/describe_object.ts";
import { endGadget, type GadgetRun, startGadget } from "../../src/gadgets/runner.ts";
import type { Gadget } from "../../src/gadgets/skeleton.ts";
import { possibleCpus } from "../../src/kernel/bpf_map.ts";
import { TableStream } from "../../src/session/table_stream.ts";
import { TestCgroup } from "../support/cgroup.ts";
import {
  countCalls,
  countCallsPath,
  gadget,
  getppid,
  manifest,
  openWithCountCalls,
} from "../support/count_calls.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { never } from "../support/session.ts";
import { Trigger } from "../support/trigger.ts";

type Table = GadgetRun & { readonly stream: TableStream };
type StartTable = (params: Record<string, unknown>) => Promise<Table>;

async function withGadget(fn: (start: StartTable) => Promise<void>): Promise<void> {
  await countCalls(async (start) => {
    await fn(async (params) => {
      const run = await start(params);
      assert.ok(run.stream instanceof TableStream);
      return { ...run, stream: run.stream };
    });
  });
}

async function ended(stream: TableStream): Promise<void> {
  while (stream.end === null) await stream.waitForEnd(1_000, never);
}

kernelTest("TableStream counts exactly, the values of all CPUs added up", async () => {
  await using group = await TestCgroup.make();
  await using trigger = await Trigger.start();
  await using twin = await Trigger.start();
  await group.adopt(trigger.pid);
  try {
    await withGadget(async (start) => {
      const { stream } = await start({ cgroup: group.path, only: getppid });
      for (const count of [1_000, 500]) {
        await trigger.run(`getppid ${count}`);
        await twin.run("getppid 777");
        const { rows: [row] } = await stream.rows(never);
        assert.equal(row?.pid, trigger.pid);
      }
      stream.stop("stopped");
      await ended(stream);
      assert.equal(stream.end, "stopped");
      const { rows, total } = await stream.rows(never);
      assert.equal(total, 1);
      const [{ pid, nr, comm, count, first_ns, last_ns, gaps }] = rows;
      assert.deepEqual({ pid, nr, comm, count }, {
        pid: trigger.pid,
        nr: getppid,
        comm: "trigger",
        count: 1_500,
      });
      assert.ok(Number(first_ns) > 0 && Number(first_ns) < Number(last_ns));
      assert.ok(typeof gaps === "object" && gaps !== null && !Array.isArray(gaps));
      assert.equal(gaps.unit, "ns");
      // one call on each CPU had none before it
      assert.ok(Number(gaps.count) < 1_500 && Number(gaps.count) >= 1_500 - possibleCpus());
      assert.ok(Number(gaps.p50) <= Number(gaps.p99));
      assert.deepEqual(stream.counts.dropped, { ours: 0, kernel: 0n });
      assert.equal(stream.complete, true);
    });
  } finally {
    await trigger[Symbol.asyncDispose]();
  }
});

kernelTest("TableStream detaches first: what comes after the end is not counted", async () => {
  await using trigger = await Trigger.start();
  await withGadget(async (start) => {
    const { stream, object } = await start({ pid: trigger.pid, only: getppid });
    await trigger.run("getppid 10");
    stream.stop("stopped");
    await ended(stream);
    await trigger.run("getppid 10");
    assert.equal((await stream.rows(never)).rows[0]?.count, 10);
    assert.equal(object.programs.length, 1); // loaded still, and no longer attached
  });
});

kernelTest("TableStream ends by itself, and is read after its object was unloaded", async () => {
  await using trigger = await Trigger.start();
  await using session = openWithCountCalls();
  const options = { format: "json", durationMs: 100 } as const;
  const params = { pid: trigger.pid, only: getppid };
  const { stream, object } = await startGadget(session, gadget, params, options, never);
  assert.ok(stream instanceof TableStream);
  await trigger.run("getppid 3");
  await ended(stream);
  assert.equal(stream.end, "duration");
  await endGadget(session, object);
  assert.equal((await stream.rows(never)).rows[0]?.count, 3);
});

kernelTest("TableStream is released with its object, and keeps what it counted", async () => {
  await using trigger = await Trigger.start();
  await using session = openWithCountCalls();
  const params = { pid: trigger.pid, only: getppid };
  const run = await startGadget(session, gadget, params, { format: "json" }, never);
  const { stream } = run;
  assert.ok(stream instanceof TableStream);
  await trigger.run("getppid 5");
  await endGadget(session, run.object);
  await ended(stream);
  assert.equal(stream.end, "released");
  assert.equal((await stream.rows(never)).rows[0]?.count, 5);
});

kernelTest("describeObject refuses a table whose rows do not fit the manifest", () => {
  const { output, fields } = manifest;
  const refuse = (changed: Partial<Gadget["manifest"]>, message: RegExp) => {
    const bytes = Deno.readFileSync(countCallsPath);
    assert.throws(() => describeObject("x", { ...manifest, ...changed }, bytes), message);
  };
  refuse({ output: { type: "table", map: "calls", sort: "gap" } }, /no field "gap" in the value/);
  refuse({ output: { type: "table", map: "empty", sort: "count" } }, /is a percpu_array; a table/);
  refuse({ fields: { ...fields, extra: { doc: "?" } } }, /no field "extra" in the row/);
  refuse({ output, fields: { nr: { doc: "?" } } }, /field "gaps" has no doc/);
});
