// run_gadget and list_gadgets as tools: sums by default, tables, an operator's own gadgets.
import assert from "node:assert/strict";
import * as z from "zod";
import { countCallsManifest, countCallsPath, getppid } from "../support/count_calls.ts";
import { countCallsFolder } from "../support/count_calls_folder.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";
import { Trigger } from "../support/trigger.ts";

const budget = 8192;

const row = z.record(z.string(), z.unknown());
const ran = z.looseObject({
  stream_id: z.string(),
  released: z.boolean().optional(),
  received: z.int(),
  aggregated: z.int(),
  events: z.array(row),
  aggregate: z.looseObject({ by: z.array(z.string()), rows: z.array(row), events: z.int() })
    .nullable().optional(),
  samples: z.array(row).optional(),
  rows: z.array(row).optional(),
  who: z.array(row).optional(),
  total: z.int().optional(),
  note: z.string().optional(),
  ended_by: z.string().nullable(),
  complete: z.boolean(),
  cost: z.object({
    run_count: z.int(),
    run_time_ns: z.int(),
    cpu_percent: z.number(),
    elapsed_ms: z.number(),
  }),
});

const listed = z.looseObject({
  gadgets: z.array(z.looseObject({
    name: z.string(),
    can_run: z.boolean(),
    why_not: z.array(z.string()).optional(),
    from: z.string().optional(),
  })),
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
  missing: z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() })),
  matches: z.boolean().optional(),
});

async function refusal(call: Promise<unknown>, code: string): Promise<ToolRefusal> {
  const error = await call.then(() => assert.fail("it is answered"), (reason) => reason);
  assert.ok(error instanceof ToolRefusal, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

/** Runs a gadget in the foreground; `work` is done while it is attached. */
async function run(tools: ToolSession, args: Record<string, unknown>, work: () => Promise<void>) {
  const attached = Promise.withResolvers<void>();
  const running = tools.call("run_gadget", args, { progress: () => attached.resolve() });
  await Promise.race([attached.promise, running]);
  await work();
  const answer = ran.parse(await running);
  assert.ok(JSON.stringify(answer).length <= budget, "the answer fits");
  return answer;
}

kernelTest("run_gadget answers sums and samples by default, and counts every event", async () => {
  await using group = await TestCgroup.make();
  await using trigger = await Trigger.start();
  await group.adopt(trigger.pid);
  await using twin = await Trigger.start();
  await using tools = new ToolSession();
  const args = { gadget: "exec_snoop", params: { cgroup: group.path }, duration_ms: 2_000 };
  const answer = await run(tools, args, async () => {
    await trigger.run("exec success 7");
    await trigger.run("exec missing 3");
    await twin.run("exec success 5");
  });
  assert.deepEqual(answer.events, []);
  assert.deepEqual([answer.received, answer.aggregated], [10, 10]);
  assert.deepEqual(answer.aggregate?.rows, [
    { filename: "/bin/true", ret: 0, count: 7 },
    { filename: "/nonexistent/program", ret: -2, ret_name: "ENOENT", count: 3 },
  ]);
  assert.ok(answer.samples !== undefined && answer.samples.length > 0);
  const named = answer.who?.map(({ pid }) => pid);
  assert.ok(named?.every((pid) => answer.samples?.some((sample) => sample.pid === pid)));
  assert.ok(answer.cost.run_count >= 10 && answer.cost.run_time_ns > 0);
  assert.equal(answer.complete, true);
  await trigger[Symbol.asyncDispose]();
});

kernelTest("run_gadget takes a sum by name, one of the caller's own, or the events", async () => {
  await using trigger = await Trigger.start();
  await using tools = new ToolSession();
  const args = { gadget: "exec_snoop", params: { ppid: trigger.pid }, duration_ms: 1_000 };
  const work = () => trigger.run("exec success 4");
  const byParent = await run(tools, { ...args, aggregate: "by_parent" }, work);
  assert.deepEqual(byParent.aggregate?.by, ["parent_comm", "comm"]);
  const own = { by: [], compute: [{ op: "max", field: "args_count" }] };
  const most = await run(tools, { ...args, aggregate: own }, work);
  assert.equal(most.aggregate?.events, 4);
  assert.equal(most.aggregate?.rows.length, 1);
  const events = await run(tools, { ...args, aggregate: "none" }, work);
  assert.equal(events.events.length, 4);
  for (
    const wrong of [
      { aggregate: { by: "comm" } },
      { aggregate: { compute: [{ op: "median" }] } },
      { aggregate: { colour: 1 } },
      { filters: { pid: "1" } },
      { filters: { pids: 1 } },
    ]
  ) await refusal(tools.call("run_gadget", { ...args, ...wrong }), "invalid_arguments");
  const unknown = tools.call("run_gadget", { ...args, aggregate: "by_parents" });
  const { context } = await refusal(unknown, "invalid_arguments");
  assert.ok(Array.isArray(context.accepted) && context.accepted.includes("by_parent"));
});

kernelTest("run_gadget runs an operator's table, and names its system calls", async () => {
  await using folder = await countCallsFolder();
  await using trigger = await Trigger.start();
  await using tools = new ToolSession({ gadgets: folder.path });
  const args = { gadget: "count_calls", params: { pid: trigger.pid }, duration_ms: 1_000 };
  const answer = await run(tools, args, () => trigger.run("getppid 1234"));
  const found = answer.rows?.find(({ nr }) => nr === getppid);
  assert.equal(found?.count, 1234);
  assert.equal(found?.nr_name, "getppid");
  assert.equal(answer.rows?.[0], found, "the largest comes first");
  assert.equal(answer.total, answer.rows?.length);
  assert.equal(answer.ended_by, "duration");
  for (const wish of [{ aggregate: "x" }, { fields: ["nr"] }, { max_events: 1 }, { filters: {} }]) {
    await refusal(tools.call("run_gadget", { ...args, ...wish }), "invalid_arguments");
  }
});

kernelTest(
  "run_gadget in the background gives a table's rows so far, and the final ones",
  async () => {
    await using folder = await countCallsFolder();
    await using trigger = await Trigger.start();
    await using tools = new ToolSession({ gadgets: folder.path });
    const params = { pid: trigger.pid, only: getppid };
    const args = { gadget: "count_calls", params, background: true };
    const { stream_id } = ran.parse(await tools.call("run_gadget", args));
    for (const count of [10, 20]) {
      await trigger.run("getppid 10");
      const { rows } = ran.parse(await tools.call("read_stream", { stream_id, wait_ms: 0 }));
      assert.equal(rows?.[0]?.count, count);
    }
    const stopped = ran.parse(await tools.call("stop_stream", { stream_id }));
    assert.deepEqual([stopped.ended_by, stopped.rows?.[0]?.count], ["stopped", 20]);
    assert.ok(stopped.cost.run_count >= 20);
    await trigger.run("getppid 10");
    const later = ran.parse(await tools.call("read_stream", { stream_id, wait_ms: 0 }));
    assert.deepEqual([later.rows?.[0]?.count, later.complete], [20, true]);
  },
);

kernelTest(
  "run_gadget that is cancelled releases all, and its table can still be read",
  async () => {
    await using folder = await countCallsFolder();
    await using trigger = await Trigger.start();
    await using tools = new ToolSession({ gadgets: folder.path });
    const cancel = new AbortController();
    const attached = Promise.withResolvers<void>();
    const args = {
      gadget: "count_calls",
      params: { pid: trigger.pid, only: getppid },
      duration_ms: 60_000,
    };
    const running = tools.call("run_gadget", args, {
      signal: cancel.signal,
      progress: () => attached.resolve(),
    });
    await attached.promise;
    await trigger.run("getppid 42");
    cancel.abort();
    await refusal(running, "cancelled");
    assert.equal(tools.session.objects.size, 0);
    const stream_id = "stream-1";
    const { rows, ended_by } = ran.parse(
      await tools.call("read_stream", { stream_id, wait_ms: 0 }),
    );
    assert.deepEqual([rows?.[0]?.count, ended_by], [42, "cancelled"]);
  },
);

kernelTest("run_gadget says in words that a run was over its limit", async () => {
  await using folder = await countCallsFolder();
  await using trigger = await Trigger.start();
  await using tools = new ToolSession({ gadgets: folder.path });
  const args = {
    gadget: "count_calls",
    params: { pid: trigger.pid, only: getppid },
    duration_ms: 30_000,
    max_overhead_percent: 1,
  };
  let ended = false;
  const answer = await run(tools, args, async () => {
    for (let rounds = 0; !ended && rounds < 100; rounds++) {
      await trigger.run("getppid 200000");
      ended = tools.session.objects.size === 0;
    }
  });
  assert.equal(answer.ended_by, "overhead");
  assert.match(answer.note ?? "", /more than 1 % of a CPU/);
  assert.ok(Number(answer.rows?.[0]?.count) > 0);
});

kernelTest("run_gadget refuses a group that is not there, before it loads anything", async () => {
  await using tools = new ToolSession();
  const ask = (params: Record<string, unknown>) =>
    tools.call("run_gadget", { gadget: "exec_snoop", params });
  await refusal(ask({ cgroup: "/no/such/group" }), "cgroup_not_found");
  await refusal(ask({ cgroup: 1e300 }), "invalid_arguments");
  await refusal(ask({ container: "f".repeat(64) }), "container_not_found");
  await refusal(ask({ cgroup: "/", container: "abcd" }), "invalid_arguments");
  assert.equal(tools.session.objects.size, 0);
});

kernelTest("run_gadget sees nothing of a group that has vanished meanwhile, and ends", async () => {
  await using trigger = await Trigger.start();
  await using tools = new ToolSession();
  const group = await TestCgroup.make();
  const args = { gadget: "exec_snoop", params: { cgroup: group.path }, duration_ms: 500 };
  const answer = await run(tools, args, async () => {
    await group[Symbol.asyncDispose]();
    await trigger.run("exec success 2");
  });
  assert.deepEqual([answer.received, answer.ended_by], [0, "duration"]);
});

kernelTest("list_gadgets lists in pages that fit, each gadget once", async () => {
  await using tools = new ToolSession();
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const args = cursor === null ? {} : { cursor };
    const text = JSON.stringify(await tools.call("list_gadgets", args));
    assert.ok(text.length <= budget);
    const answer = listed.parse(JSON.parse(text));
    names.push(...answer.gadgets.map(({ name }) => name));
    cursor = answer.next_cursor;
    assert.equal(answer.truncated, cursor !== null);
  } while (cursor !== null);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes("exec_snoop"));
});

kernelTest("list_gadgets gives every gadget whole within the budget", async () => {
  await using tools = new ToolSession();
  for (const { name } of tools.session.services.gadgets.list()) {
    const text = JSON.stringify(await tools.call("list_gadgets", { name }));
    assert.ok(text.length <= budget, `${name}: ${text.length} bytes`);
    const [whole] = listed.parse(JSON.parse(text)).gadgets;
    for (const key of ["parameters", "fields", "needs", "cost", "blind_spots"]) {
      assert.ok(key in whole, `${name} tells its ${key}`);
    }
  }
});

kernelTest("list_gadgets puts the gadget that fits first, or says that none does", async () => {
  await using tools = new ToolSession();
  const ask = async (question: string) =>
    listed.parse(await tools.call("list_gadgets", { question }));
  const found = await ask("which programs are started, with what arguments?");
  assert.deepEqual([found.gadgets[0]?.name, found.matches], ["exec_snoop", true]);
  const none = await ask("xylophone");
  assert.equal(none.matches, false);
  assert.equal(none.total, tools.session.services.gadgets.list().length);
});

kernelTest("list_gadgets lists the operator's, those that cannot run with the reason", async () => {
  await using folder = await countCallsFolder({
    "broken/manifest.json": "{",
    "exec_snoop/manifest.json": "{}",
    "no_elf/no_elf.bpf.o": "\x7fELF and no more",
    "no_elf/manifest.json": await Deno.readTextFile(countCallsManifest),
  });
  await using tools = new ToolSession({ gadgets: folder.path, "byte-budget": "65536" });
  const { gadgets } = listed.parse(await tools.call("list_gadgets", {}));
  const own = gadgets.filter(({ from }) => from === "operator");
  assert.deepEqual(own.map(({ name, can_run }) => [name, can_run]), [
    ["count_calls", true],
    ["broken", false],
    ["no_elf", false],
    ["exec_snoop", false],
  ]);
  const reason = (name: string) => own.find((one) => one.name === name)?.why_not?.join() ?? "";
  assert.match(reason("broken"), /manifest.json is not right/);
  assert.match(reason("no_elf"), /class is unknown/);
  assert.match(reason("exec_snoop"), /is the name of a built-in gadget/);
  await refusal(tools.call("run_gadget", { gadget: "broken" }), "invalid_gadget");
  await refusal(tools.call("run_gadget", { gadget: "no_elf" }), "invalid_elf");
  await refusal(tools.call("list_gadgets", { name: "brokem" }), "unknown_gadget");
});

kernelTest("list_gadgets and run_gadget see what the operator changed meanwhile", async () => {
  await using folder = await countCallsFolder({ "late/manifest.json": "{" });
  await using tools = new ToolSession({ gadgets: folder.path, "byte-budget": "65536" });
  const own = async () => {
    const { gadgets } = listed.parse(await tools.call("list_gadgets", {}));
    const operators = gadgets.filter(({ from }) => from === "operator");
    return Object.fromEntries(
      operators.map(({ name, title, can_run }) => [name, title ?? can_run]),
    );
  };
  const title = "System calls that are counted";
  assert.deepEqual(await own(), { count_calls: title, late: false });
  const text = await Deno.readTextFile(countCallsManifest);
  await Deno.copyFile(countCallsPath, `${folder.path}/late/late.bpf.o`);
  await Deno.writeTextFile(`${folder.path}/late/manifest.json`, text);
  const other = text.replace(title, "System calls that are changed");
  await Deno.writeTextFile(`${folder.path}/count_calls/manifest.json`, other);
  assert.deepEqual(await own(), { count_calls: "System calls that are changed", late: title });
  await Deno.remove(`${folder.path}/late`, { recursive: true });
  assert.deepEqual(await own(), { count_calls: "System calls that are changed" });
  await refusal(tools.call("run_gadget", { gadget: "late" }), "unknown_gadget");
});

kernelTest("run_gadget refuses an operator's gadget with two parameters of one name", async () => {
  const text = await Deno.readTextFile(countCallsManifest);
  await using folder = await countCallsFolder({
    "same/manifest.json": text.replace('"name": "only"', '"name": "tgid"'),
  });
  await using tools = new ToolSession({ gadgets: folder.path });
  const { message } = await refusal(tools.call("run_gadget", { gadget: "same" }), "invalid_gadget");
  assert.match(message, /two are named "tgid"/);
});

kernelTest("list_gadgets tells that the operator's folder cannot be read", async () => {
  await using tools = new ToolSession({ gadgets: "/nonexistent" });
  const { missing } = listed.parse(await tools.call("list_gadgets", {}));
  assert.deepEqual(missing.map(({ why }) => why), ['"/nonexistent" cannot be read: ENOENT']);
});

const state = z.looseObject({
  session: z.looseObject({
    items: z.array(z.looseObject({
      kind: z.string(),
      per_second: z.number().nullable().optional(),
      lag_ms: z.number().nullable().optional(),
      memory_bytes: z.int().optional(),
      cpu_percent: z.number().nullable().optional(),
      pending: z.int().optional(),
    })),
  }),
});

kernelTest("inspect_state tells how a gadget's stream does", async () => {
  await using trigger = await Trigger.start();
  await using tools = new ToolSession();
  const args = { gadget: "exec_snoop", params: { ppid: trigger.pid }, background: true };
  const { stream_id } = ran.parse(await tools.call("run_gadget", args));
  await trigger.run("exec success 20");
  const look = async () => {
    const { session } = state.parse(await tools.call("inspect_state", { fields: ["session"] }));
    const stream = session.items.find(({ kind }) => kind === "stream");
    assert.ok(stream !== undefined);
    return stream;
  };
  await new Promise((resolve) => setTimeout(resolve, 300)); // until the ring was looked at
  const busy = await look();
  assert.equal(busy.pending, 20);
  assert.ok(Number(busy.lag_ms) >= 200 && Number(busy.per_second) > 0);
  assert.ok(Number(busy.memory_bytes) >= 20 * 334 && Number(busy.cpu_percent) > 0);
  ran.parse(await tools.call("read_stream", { stream_id, wait_ms: 0 }));
  await tools.call("stop_stream", { stream_id });
  const done = await look();
  assert.equal(done.per_second, null);
});
