// What the toolset reflect says of each kernel, beside what its own files say. Functions and counts
// of types have tests of their own.
import assert from "node:assert/strict";
import * as z from "zod";
import { TestCgroup } from "../support/cgroup.ts";
import { cli } from "../support/cli.ts";
import { McpSession } from "../support/client.ts";
import { inspectHooks } from "../support/hooks.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { Trigger } from "../support/trigger.ts";
import { has } from "./features.ts";
import { loadOne } from "./journey.ts";

const args = ["--role", "operator", "--objects", "/"];
const tracefs = "/sys/kernel/tracing";

const tracepoints = z.looseObject({
  total: z.int(),
  tracepoints: z.array(z.looseObject({
    name: z.string(),
    arguments: z.array(z.looseObject({ name: z.string(), offset: z.int(), size: z.int() }))
      .optional(),
  })),
});

kernelTest("list_tracepoints tells of this kernel what tracefs tells", async () => {
  await using session = await McpSession.start({ args });
  const wanted = { pattern: "^sched:sched_process_exec$", fields: ["arguments"] };
  const { tracepoints: found } = await session.ask(tracepoints, "list_tracepoints", wanted);
  assert.deepEqual(found.map(({ name }) => name), ["sched:sched_process_exec"]);
  const format = await Deno.readTextFile(`${tracefs}/events/sched/sched_process_exec/format`);
  const fields = [...format.matchAll(/field:.*?(\w+)(?:\[\d*\])?;\s*offset:(\d+);\s*size:(\d+);/g)]
    .map(([, name = "", offset, size]) => ({ name, offset: Number(offset), size: Number(size) }))
    .filter(({ name }) => !name.startsWith("common_"));
  assert.ok(fields.length > 0, format);
  const told = found[0].arguments?.map(({ name, offset, size }) => ({ name, offset, size }));
  assert.deepEqual(told, fields);

  const { total } = await session.ask(tracepoints, "list_tracepoints", { limit: 1 });
  const names = (await Deno.readTextFile(`${tracefs}/available_events`)).trim().split("\n");
  assert.equal(total, names.length);
});

const types = z.looseObject({
  source: z.string(),
  types: z.array(z.looseObject({ name: z.string().nullish() }))
    .default([]),
  path: z.looseObject({ reads: z.array(z.looseObject({})), type: z.string() }).optional(),
});

kernelTest("get_btf_types gives the types of this kernel and of its modules", async () => {
  await using session = await McpSession.start({ args });
  const path = "task_struct.mm.exe_file.f_inode";
  const chain = await session.ask(types, "get_btf_types", { path });
  assert.equal(chain.path?.type, "struct inode *");
  assert.equal(chain.path?.reads.length, 3);

  if (await has("module_btf")) {
    const own = { pattern: "veth_priv", module: "veth" };
    const { types: [priv], source } = await session.ask(types, "get_btf_types", own);
    assert.match(source, /veth/);
    assert.equal(priv.name, "veth_priv");
  } else {
    const error = await session.refusal("get_btf_types", { pattern: "x", module: "veth" });
    assert.equal(error.code, "btf_not_found");
  }
});

const programTypes = z.looseObject({
  program_types: z.array(z.looseObject({ name: z.string(), accepted: z.boolean().nullable() })),
});
const calls = z.looseObject({
  helpers: z.array(z.looseObject({ name: z.string(), accepted: z.boolean().nullable() })),
});

kernelTest("list_bpf_program_types says what this kernel takes", async () => {
  await using session = await McpSession.start({ args });
  const tool = "list_bpf_program_types";
  const accepted = async (pattern: string) => {
    const { program_types } = await session.ask(programTypes, tool, { pattern: `^${pattern}$` });
    return program_types.map((one) => one.accepted);
  };
  assert.deepEqual(await accepted("xdp"), [true]);
  assert.deepEqual(await accepted("netfilter"), [await has("netfilter")]);
  const pattern = "/^bpf_(xdp_adjust_head|override_return)$/";
  const { helpers } = await session.ask(calls, tool, { helpers_for: "xdp", pattern });
  assert.deepEqual(helpers.map((one) => [one.name, one.accepted]), [["bpf_xdp_adjust_head", true]]);
});

const mapTypes = z.looseObject({
  map_types: z.array(z.looseObject({ name: z.string(), accepted: z.boolean().nullable() })),
});

kernelTest("list_bpf_map_types says what this kernel takes", async () => {
  await using session = await McpSession.start({ args });
  const accepted = async (pattern: string) => {
    const asked = { pattern: `^${pattern}$` };
    const { map_types } = await session.ask(mapTypes, "list_bpf_map_types", asked);
    return map_types.map((one) => one.accepted);
  };
  assert.deepEqual(await accepted("ringbuf"), [true]);
  assert.deepEqual(await accepted("bloom_filter"), [await has("bloom_filter")]);
});

const graphed = z.looseObject({
  graph: z.looseObject({ nodes: z.array(z.looseObject({ kind: z.string() })) }),
});

kernelTest(
  "inspect_hooks and inspect_state find what is attached, by link or not",
  async () => {
    await using trigger = await Trigger.start();
    await using group = await TestCgroup.make();
    await using session = await McpSession.start({ args });
    const connect4 = { type: "cgroup", path: group.path, attach_type: "connect4" };
    const hooked = [
      { program: "on_tracepoint", kind: "tracepoint", attachment: { type: "auto" } },
      { program: "on_connect4", kind: "cgroup", attachment: connect4 },
    ];
    for (const { program, kind, attachment } of hooked) {
      const object = await loadOne(session, trigger.pid, "attach_kinds", program);
      const [{ program_id }] = object.programs;
      const { links, attachment_id } = await session.attach(program_id, attachment);
      const { hooks, missing } = await inspectHooks(session, { kind });
      const lacking = missing.filter(({ what }) => what !== "owners"); // some guard themselves
      assert.deepEqual(lacking, []);
      const [found, ...more] = hooks.filter((hook) => hook.program?.id === program_id);
      assert.deepEqual(more, []);
      assert.equal(found.link_id, links[0]?.link_id ?? null);
      assert.ok(found.owners.some(({ pid }) => pid === session.pid), JSON.stringify(found));
      const asked = { graph: `program:${program_id}` };
      const { graph } = await session.ask(graphed, "inspect_state", asked);
      assert.ok(graph.nodes.some((node) => node.kind === "map"), JSON.stringify(graph));
      await session.detach(attachment_id);
      const after = await inspectHooks(session, { kind });
      assert.ok(!after.hooks.some((hook) => hook.program?.id === program_id));
      await session.unload(object.object_id);
    }
  },
);

kernelTest("doctor finds that this kernel can do the main job", async () => {
  const { code, stdout } = await cli(["doctor"]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /ok btf: /);
  assert.match(stdout, (await has("kprobe")) ? /ok kprobes: / : /missing kprobes: /);
});
