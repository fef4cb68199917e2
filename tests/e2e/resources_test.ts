// bpf:// resources over stdio: beside bpftool and the tools, within budget and role, and on hosts
// that lack something.
import assert from "node:assert/strict";
import * as z from "zod";
import { McpSession } from "../support/client.ts";
import { withoutCapabilities, withoutSymbols } from "../support/deprivation.ts";
import { list } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";

const admin = { args: ["--role", "admin", "--objects", "/"] };
const defaultBudget = 8192;

const missing = z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() }));
const counted = { total: z.int(), truncated: z.boolean(), hint: z.string().optional() };
const programList = z.object({
  programs: z.array(z.object({
    program_id: z.int(),
    name: z.string(),
    type: z.string(),
    attached: z.array(z.string()),
  })),
  ...counted,
});
const oneMap = z.object({
  map: z.looseObject({
    map_id: z.int(),
    max_entries: z.int(),
    used_by: z.array(z.looseObject({})),
  }),
});
const code = z.looseObject({
  code: z.object({ lines: z.array(z.string()) }).loose(),
  missing: missing.optional(),
});

async function text({ client }: McpSession, uri: string): Promise<string> {
  const { contents: [content] } = await client.readResource({ uri });
  assert.ok(content !== undefined && "text" in content && content.uri === uri);
  assert.equal(content.mimeType, "application/json");
  assert.ok(new TextEncoder().encode(content.text).length <= defaultBudget, uri);
  return content.text;
}

async function read<Value>(
  session: McpSession,
  uri: string,
  shape: z.ZodType<Value>,
): Promise<Value> {
  return shape.parse(JSON.parse(await text(session, uri)));
}

/** The error object of a reading that must fail. */
async function refusal({ client }: McpSession, uri: string) {
  const failed = await client.readResource({ uri }).then(() => null, (error: unknown) => error);
  return refused.parse(failed);
}

const refused = z.object({
  code: z.int(),
  data: z.object({
    error: z.looseObject({
      code: z.string(),
      context: z.looseObject({ hint: z.string().optional() }),
    }),
  }),
});

kernelTest("bpf://programs, maps and links list what bpftool lists", async () => {
  await using session = await McpSession.start(admin);
  const loaded = await session.load(await buildObject("attach_kinds"));
  const program = loaded.programs.find(({ name }) => name === "on_raw_tracepoint");
  assert.ok(program);
  const { links } = await session.attach(program.program_id, { type: "auto" });
  const listed = await read(session, "bpf://programs", programList);
  const row = listed.programs.find(({ program_id }) => program_id === program.program_id);
  assert.deepEqual(row, {
    program_id: program.program_id,
    name: "on_raw_tracepoint",
    type: "raw_tracepoint",
    attached: ["raw_tracepoint sys_enter"],
  });
  const theirs = new Set((await list("prog")).map(({ id }) => id));
  for (const { program_id } of loaded.programs) assert.ok(theirs.has(program_id));
  const shape = z.object({ links: z.array(z.looseObject({ link_id: z.int() })), ...counted });
  const ours = (await read(session, "bpf://links", shape)).links.map(({ link_id }) => link_id);
  assert.ok(ours.includes(links[0]?.link_id ?? 0));
  const [map] = loaded.maps;
  assert.ok(map);
  const { map: shown } = await read(session, `bpf://maps/${map.map_id}`, oneMap);
  assert.equal(shown.max_entries, map.max_entries);
  assert.ok(shown.used_by.length > 0);
});

kernelTest("bpf://programs says how many there are when they do not fit", async () => {
  await using session = await McpSession.start(admin);
  await session.load(await buildObject("many_programs"));
  const { programs, total, truncated, hint } = await read(session, "bpf://programs", programList);
  assert.ok(truncated && total >= 200 && programs.length < total);
  assert.match(hint ?? "", /inspect_state/);
  assert.ok(programs.length >= 50, "the budget is used");
});

kernelTest("bpf://btf and bpf://tracepoints say what the tools say", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const typed = z.object({ types: z.array(z.looseObject({ name: z.string() })) });
  const asked = await session.ask(typed, "get_btf_types", { pattern: "list_head" });
  const { types } = await read(session, "bpf://btf/struct%20list_head", typed);
  assert.deepEqual(types, asked.types);
  const row = z.looseObject({ name: z.string() });
  const listed = await session.ask(z.object({ tracepoints: z.array(row) }), "list_tracepoints", {
    category: "sched",
    pattern: "/^sched_switch$/",
    fields: ["id", "arguments", "format", "btf_arguments"],
  });
  const shape = z.object({ tracepoint: row, missing });
  const { tracepoint } = await read(session, "bpf://tracepoints/sched/sched_switch", shape);
  assert.deepEqual([tracepoint], listed.tracepoints);
  for (
    const [uri, near] of [
      ["bpf://btf/task_structt", "task_struct"],
      ["bpf://tracepoints/sched/sched_swich", "sched:sched_switch"],
    ] as const
  ) {
    const error = await refusal(session, uri);
    assert.equal(error.code, -32002);
    assert.equal(error.data.error.code, "resource_not_found");
    assert.ok(z.array(z.string()).parse(error.data.error.context.nearest).includes(near));
  }
  // the largest type there is keeps to the budget, and says so
  const largest = z.object({ truncated: z.literal(true), hint: z.string() });
  await read(session, "bpf://btf/task_struct", largest);
});

kernelTest("completion/complete knows types, categories, and tracepoints of one", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const complete = async (
    uri: string,
    name: string,
    value: string,
    given?: Record<string, string>,
  ) => {
    const { completion } = await session.client.complete({
      ref: { type: "ref/resource", uri },
      argument: { name, value },
      ...(given === undefined ? {} : { context: { arguments: given } }),
    });
    return completion;
  };
  const types = await complete("bpf://btf/{type}", "type", "task_str");
  assert.ok(types.values.includes("task_struct"), JSON.stringify(types));
  const tagged = await complete("bpf://btf/{type}", "type", "struct task_str");
  assert.ok(tagged.values.includes("struct task_struct"));
  const all = await complete("bpf://btf/{type}", "type", "");
  assert.ok(new Set(all.values).size === 100 && all.hasMore === true && all.total === undefined);
  const tracepoints = "bpf://tracepoints/{category}/{name}";
  assert.ok((await complete(tracepoints, "category", "sch")).values.includes("sched"));
  const given = { category: "sched" };
  const names = (await complete(tracepoints, "name", "sched_sw", given)).values;
  assert.ok(names.includes("sched_switch") && names.every((name) => name.startsWith("sched_sw")));
  const elsewhere = await complete(tracepoints, "name", "sched_sw", { category: "irq" });
  assert.deepEqual(elsewhere.values, []);
});

kernelTest("resources and prompts follow --exclude-tools and --toolsets", async () => {
  const excluded = ["--exclude-tools", "programs,program,audit_host"];
  await using session = await McpSession.start({ args: ["--role", "viewer", ...excluded] });
  const { resources } = await session.client.listResources();
  const uris = resources.map(({ uri }) => uri);
  assert.deepEqual(uris, ["bpf://session", "bpf://maps", "bpf://links"]);
  const { prompts } = await session.client.listPrompts();
  assert.ok(!prompts.some(({ name }) => name === "audit_host"));
  const error = await refusal(session, "bpf://programs/1");
  assert.equal(error.data.error.code, "tool_not_allowed");
  await assert.rejects(session.client.subscribeResource({ uri: "bpf://programs" }), /exclude/);
});

kernelTest("bpf://programs/{id} does without kallsyms, and names what is missing", async () => {
  await using session = await McpSession.start({ ...admin, wrapper: withoutSymbols });
  const { programs } = await session.load(await buildObject("three_events"), {
    globals: { target_pid: 1 }, // without it the verifier prunes every call
  });
  const lines: string[] = [];
  for (const { program_id } of programs) {
    const shown = await read(session, `bpf://programs/${program_id}`, code);
    lines.push(...shown.code.lines);
    const names = shown.missing?.find(({ what }) => what === "names of called functions");
    const calls = shown.code.lines.some((line) => line.includes("(85) call unknown#"));
    if (calls) assert.match(names?.remedy ?? "", /kptr_restrict|CAP_SYSLOG/);
  }
  assert.ok(lines.some((line) => /call unknown#-?\d+/.test(line)), lines.join("\n"));
  assert.ok(lines.some((line) => line.startsWith("; ")), "lines of source stay");
});

kernelTest(
  "resources without CAP_SYS_ADMIN say what they need, and nothing else fails",
  async () => {
    const wrapper = withoutCapabilities("CAP_SYS_ADMIN");
    await using session = await McpSession.start({ args: ["--role", "viewer"], wrapper });
    for (const uri of ["bpf://programs", "bpf://programs/1", "bpf://maps", "bpf://links/1"]) {
      const error = await refusal(session, uri);
      assert.equal(error.data.error.code, "not_permitted", uri);
      assert.match(error.data.error.context.hint ?? "", /CAP_SYS_ADMIN/);
      await assert.rejects(session.client.subscribeResource({ uri }), /EPERM/);
    }
    await read(
      session,
      "bpf://session",
      z.object({ session: z.array(z.unknown()), total: z.int() }),
    );
    await read(session, "bpf://btf/list_head", z.object({ total: z.literal(1) }));
    const { messages } = await session.client.getPrompt({ name: "audit_host", arguments: {} });
    assert.equal(messages.length, 1);
  },
);
