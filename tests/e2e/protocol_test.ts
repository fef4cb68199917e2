// What the protocol promises of the whole server: its list of tools, its answers, its ends.
import assert from "node:assert/strict";
import * as z from "zod";
import { LineClient } from "../support/line_client.ts";
import { McpSession } from "../support/client.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";
import { assertGone, heldBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";

const listBytes = 40 * 1024;
const endMs = 2_000;

const schema = z.looseObject({
  type: z.literal("object"),
  properties: z.record(z.string(), z.unknown()),
});

const listed = z.array(z.strictObject({
  name: z.string().regex(/^[a-z]+(_[a-z]+)*$/),
  title: z.string().min(3),
  description: z.string().min(40),
  annotations: z.strictObject({
    readOnlyHint: z.boolean(),
    destructiveHint: z.boolean(),
    idempotentHint: z.boolean(),
    openWorldHint: z.literal(false),
  }),
  inputSchema: schema.extend({ additionalProperties: z.never().optional() }),
  outputSchema: schema,
  _meta: z.object({
    "ebpf-mcp/requirements": z.strictObject({
      toolset: z.enum(["deploy", "control", "reflect", "stream", "map_op"]),
      effect: z.enum(["read", "observe", "change", "destroy"]),
      capability: z.string().min(1),
      kernel: z.string().regex(/^[4-7]\.\d+$/),
      limits: z.record(z.string(), z.number().positive()),
      max_time_ms: z.int().positive(),
    }),
  }),
}));

kernelTest("initialize tells a model how to work with us", async () => {
  await using client = LineClient.start({ args: [] });
  const { result } = await client.request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "e2e", version: "1" },
  });
  assert.equal(result?.protocolVersion, "2025-06-18");
  assert.deepEqual(Reflect.get(Object(result?.capabilities), "tools"), {});
  const { name, version } = z.looseObject({ name: z.string(), version: z.string() })
    .parse(result?.serverInfo);
  assert.equal(name, "ebpf-mcp");
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const instructions = String(result?.instructions);
  for (const word of ["next_cursor", "isError", "hint", "never follow", "--role operator"]) {
    assert.ok(instructions.includes(word), `the instructions speak of ${word}`);
  }
});

kernelTest("tools/list describes every tool, in 40 KB", async () => {
  await using client = await LineClient.connect();
  const { result } = await client.request("tools/list");
  const size = new TextEncoder().encode(JSON.stringify(result)).length;
  assert.ok(size <= listBytes, `tools/list has ${size} bytes`);
  const tools = listed.parse(result?.tools);
  assert.ok(tools.length >= 11);
  for (const { name, annotations, outputSchema, _meta } of tools) {
    const { effect } = _meta["ebpf-mcp/requirements"];
    assert.equal(annotations.readOnlyHint, effect === "read" || effect === "observe", name);
    assert.equal(annotations.destructiveHint, effect === "destroy", name);
    assert.ok("tool_version" in outputSchema.properties, name);
    assert.ok("execution_time_ms" in outputSchema.properties, name);
  }
});

kernelTest("an answer's text is its structured content, an error's text stands alone", async () => {
  await using client = await LineClient.connect();
  const call = async (name: string, args: Record<string, unknown>) => {
    const { result } = await client.request("tools/call", { name, arguments: args });
    assert.ok(result !== undefined);
    const [{ text }] = z.array(z.object({ type: z.literal("text"), text: z.string() }))
      .length(1).parse(result.content);
    const value: unknown = JSON.parse(text);
    return { result, value };
  };
  const good = await call("system_info", {});
  assert.deepEqual(good.value, good.result.structuredContent);
  assert.equal(good.result.isError, undefined);
  const bad = await call("map_dump", {});
  assert.equal(bad.result.structuredContent, undefined);
  assert.equal(bad.result.isError, true);
  assert.deepEqual(Object.keys(Object(bad.value)), ["error"]);
});

/** Loads, attaches by link and by stream: everything that must go with the server. */
async function occupy(client: LineClient, trigger: Trigger): Promise<void> {
  const source = { type: "file", path: await buildObject("flood") };
  const object = await client.call("load_program", {
    source,
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid },
  });
  const programs = z.array(z.looseObject({ program_id: z.int() })).parse(object.programs);
  const { program_id } = programs[0];
  await client.call("attach_program", { program_id, attachment: { type: "auto" } });
  await client.call("stream_events", { program_id, background: true });
}

const ends: Readonly<Record<string, (client: LineClient) => void | Promise<void>>> = {
  "the end of its input": (client) => client.closeInput(),
  SIGINT: (client) => client.kill("SIGINT"),
  SIGTERM: (client) => client.kill("SIGTERM"),
  SIGHUP: (client) => client.kill("SIGHUP"),
};

kernelTest("serve ends with exit code 0 and leaves nothing", async (t) => {
  await using trigger = await Trigger.start();
  for (const [what, end] of Object.entries(ends)) {
    for (const state of ["idle", "in a call"]) {
      await t.step(`on ${what}, ${state}`, async () => {
        await using client = await LineClient.connect({
          args: ["--role", "operator", "--objects", "/"],
        });
        await occupy(client, trigger);
        const made = heldBy(client.pid);
        assert.ok(made.programs.length > 0 && made.links.length > 0 && made.maps.length > 0);
        if (state === "in a call") {
          const args = { stream_id: "stream-1", wait_ms: 50_000 };
          await client.post("tools/call", { name: "read_stream", arguments: args });
          await client.ping(); // it waits now
        }
        const started = performance.now();
        await end(client);
        assert.equal((await client.ended()).code, 0);
        const took = performance.now() - started;
        assert.ok(took < endMs, `the end took ${took} ms`);
        await assertGone(made);
      });
    }
  }
});

kernelTest("a client that asks for too much at once is refused, not queued for ever", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const { programs } = await session.load(await buildObject("flood"), {
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid },
  });
  const { stream_id } = await session.stream({
    program_id: programs[0].program_id,
    background: true,
  });
  const abort = new AbortController();
  const waiting = Array.from({ length: 64 }, () => {
    const args = { stream_id, wait_ms: 50_000 };
    return session.call("read_stream", args, { signal: abort.signal });
  });
  const error = await session.refusal("system_info", {});
  assert.deepEqual([error.category, error.code], ["resource", "limit_exceeded"]);
  abort.abort();
  const ended = await Promise.allSettled(waiting);
  assert.ok(ended.every(({ status }) => status === "rejected"));
  await session.ask(z.looseObject({}), "system_info");
});
