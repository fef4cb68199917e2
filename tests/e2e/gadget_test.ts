// run_gadget: one call loads, attaches, streams and releases; an observer may make it.
import assert from "node:assert/strict";
import * as z from "zod";
import { streamed } from "../support/answers.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { countCallsFolder } from "../support/count_calls_folder.ts";
import { withoutCapabilities } from "../support/deprivation.ts";
import { accountedFor, readEvents } from "../support/events.ts";
import { heldBy, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { requireError, validation } from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";

const ran = streamed.extend({
  gadget: z.literal("exec_snoop"),
  object_id: z.string(),
  released: z.boolean(),
});

const nothing = { programs: [], maps: [], links: [], btfs: [] };

kernelTest("run_gadget in the foreground gives the events and releases everything", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: [] });
  const started = Promise.withResolvers<void>();
  const running = session.ask(ran, "run_gadget", {
    gadget: "exec_snoop",
    params: { ppid: trigger.pid },
    max_events: 3,
    duration_ms: 60_000,
  }, { onprogress: () => started.resolve() });
  await started.promise;
  const made = heldBy(session.pid);
  assert.ok(made.programs.length > 0 && made.links.length > 0 && made.maps.length > 0);
  await trigger.run("exec success 2");
  await trigger.run("exec missing 1");
  const answer = await running;
  accountedFor(answer);
  assert.equal(answer.ended_by, "max_events");
  assert.equal(answer.released, true);
  assert.equal(answer.complete, true);
  const seen = answer.events.map(({ filename, args, ret, ppid }) => [filename, args, ret, ppid]);
  const success = ["/bin/true", ["true", "one", "", "two words"], 0, trigger.pid];
  const missing = ["/nonexistent/program", ["program", "--flag"], -2, trigger.pid];
  assert.deepEqual(seen, [success, success, missing]);
  assert.deepEqual(heldBy(session.pid), nothing);
  await untilGone(made, 1_000);
});

const summed = ran.extend({
  aggregated: z.int(),
  aggregate: z.looseObject({ rows: z.array(z.record(z.string(), z.unknown())) }),
  samples: z.array(z.record(z.string(), z.unknown())),
  cost: z.looseObject({ run_count: z.int().positive(), cpu_percent: z.number() }),
});

kernelTest("run_gadget answers a sum, a few samples and its cost by default", async () => {
  await using group = await TestCgroup.make();
  await using trigger = await Trigger.start();
  await group.adopt(trigger.pid);
  await using twin = await Trigger.start();
  await using session = await McpSession.start({ args: [] });
  const started = Promise.withResolvers<void>();
  const running = session.ask(summed, "run_gadget", {
    gadget: "exec_snoop",
    params: { cgroup: group.path },
    duration_ms: 3_000,
  }, { onprogress: () => started.resolve() });
  await started.promise;
  await trigger.run("exec success 30");
  await twin.run("exec success 10");
  const answer = await running;
  assert.deepEqual(answer.events, []);
  assert.deepEqual([answer.received, answer.aggregated], [30, 30]);
  assert.deepEqual(answer.aggregate.rows, [{ filename: "/bin/true", ret: 0, count: 30 }]);
  assert.ok(answer.samples.length > 0 && answer.samples.length < 30);
  assert.deepEqual(heldBy(session.pid), nothing);
  await trigger[Symbol.asyncDispose]();
});

kernelTest("run_gadget says why it knows no cost", async () => {
  const without = withoutCapabilities("CAP_SYS_ADMIN");
  await using session = await McpSession.start({ args: [], wrapper: without });
  const answer = await session.ask(ran, "run_gadget", { gadget: "exec_snoop", duration_ms: 50 });
  assert.equal(answer.cost, null);
  assert.match(String(answer.cost_unknown), /BPF_ENABLE_STATS answered EPERM/);
});

kernelTest("a server that is killed leaves nothing of a table's gadget", async () => {
  await using folder = await countCallsFolder();
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: ["--gadgets", folder.path] });
  await session.call("run_gadget", {
    gadget: "count_calls",
    params: { pid: trigger.pid },
    background: true,
  });
  const made = heldBy(session.pid);
  assert.ok(made.programs.length > 0 && made.links.length > 0);
  Deno.kill(session.pid, "SIGKILL");
  await untilGone(made, 5_000);
});

kernelTest("run_gadget in the background is read and stopped like a stream", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: [] });
  const { stream_id, released } = await session.ask(ran, "run_gadget", {
    gadget: "exec_snoop",
    params: { ppid: trigger.pid, failed: false },
    background: true,
  });
  assert.equal(released, false);
  const made = heldBy(session.pid);
  await trigger.run("exec missing 5"); // not reported
  await trigger.run("exec success 20");
  const events = await readEvents(session, stream_id, 20);
  assert.equal(events.length, 20);
  assert.equal(new Set(events.map(({ pid }) => pid)).size, 20);
  const { received } = await session.stop(stream_id);
  assert.equal(received, 20);
  await untilGone(made, 2_000);
  assert.deepEqual(heldBy(session.pid), nothing);
});

kernelTest("run_gadget refuses what it does not know, and starts nothing", async () => {
  await using session = await McpSession.start({ args: [] });
  const refuse = (args: Record<string, unknown>) =>
    session.refusal("run_gadget", { gadget: "exec_snoop", ...args });
  const invalid = validation("invalid_arguments");
  requireError(await refuse({ gadget: "exec" }), validation("unknown_gadget"));
  requireError(await refuse({ params: { pids: 1 } }), invalid);
  requireError(await refuse({ params: { ppid: -1 } }), invalid);
  requireError(await refuse({ params: { comm: "sixteen letters!" } }), invalid);
  requireError(await refuse({ params: { failed: "no" } }), invalid);
  const filters = { where: [{ field: "absent", op: "eq", value: 1 }] };
  requireError(await refuse({ filters }), validation("unknown_field"));
  assert.deepEqual(heldBy(session.pid), nothing);
});
