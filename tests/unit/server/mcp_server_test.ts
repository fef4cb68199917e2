import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/inMemory"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Config } from "../../../src/config.ts";
import { Connection } from "../../../src/server/connection.ts";
import { requirementsKey } from "../../../src/server/contract.ts";
import { makeMcpServer } from "../../../src/server/mcp_server.ts";
import { Registry } from "../../../src/server/registry.ts";
import { configure, sampleServices, sampleTools } from "./sample_tools.ts";

async function connect(config: Config): Promise<Client> {
  const connection = new Connection(new Registry(sampleTools), sampleServices(config));
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await makeMcpServer(connection).connect(ours);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(theirs);
  return client;
}

Deno.test("tools/list gives what is within reach, with annotations and requirements", async () => {
  const client = await connect(configure());
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name), ["echo", "stream_events", "deaf", "broken"]);
  const [tool] = tools;
  assert.deepEqual(tool?.annotations, {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  });
  assert.deepEqual(tool?._meta?.[requirementsKey], {
    toolset: "reflect",
    effect: "read",
    capability: "none",
    kernel: "5.8",
    limits: { max_text: 1000 },
    max_time_ms: 1000,
  });
  assert.deepEqual(tool?.outputSchema?.required, [
    "text",
    "budget",
    "tool_version",
    "execution_time_ms",
  ]);
  assert.ok(!("additionalProperties" in (tool?.inputSchema ?? {})), "no tool takes others");
  assert.deepEqual(tool?.inputSchema.required, ["text"]);
  await client.close();
});

Deno.test("annotations follow from the effect", async () => {
  const client = await connect(configure({}, "admin"));
  const { tools } = await client.listTools();
  const hints = (name: string) => {
    const { readOnlyHint, destructiveHint } =
      tools.find((tool) => tool.name === name)?.annotations ?? {};
    return [readOnlyHint, destructiveHint];
  };
  assert.deepEqual(hints("stream_events"), [true, false]);
  assert.deepEqual(hints("load_program"), [false, false]);
  assert.deepEqual(hints("unpin_object"), [false, true]);
  await client.close();
});

Deno.test("tools/call gives structured content and the same as text", async () => {
  const client = await connect(configure());
  await client.listTools(); // from now on the client holds answers against the output schemas
  const result = await client.callTool({ name: "echo", arguments: { text: "x" } });
  const text = JSON.stringify(result.content);
  assert.equal(
    text,
    JSON.stringify([{ type: "text", text: JSON.stringify(result.structuredContent) }]),
  );
  assert.equal(result.isError, undefined);
  await client.close();
});

Deno.test("tools/call gives an error as text that the SDK's client accepts", async () => {
  const client = await connect(configure());
  await client.listTools();
  const result = await client.callTool({ name: "broken", arguments: { how: "ours" } });
  assert.equal(result.isError, true);
  assert.match(JSON.stringify(result.content), /map_not_found/);
  await client.close();
});

Deno.test("tools/call tells an unknown tool from a hidden one", async () => {
  const client = await connect(configure());
  await assert.rejects(client.callTool({ name: "info" }), { code: -32602 });
  const hidden = await client.callTool({ name: "load_program" });
  assert.equal(hidden.isError, true);
  assert.match(JSON.stringify(hidden.content), /tool_not_allowed.*--role operator/);
  await client.close();
});

Deno.test("initialize says which tools are hidden and how the operator gives them", async () => {
  const client = await connect(configure({ "exclude-tools": "echo" }));
  const text = client.getInstructions() ?? "";
  assert.match(text, /^- load_program: start with --role operator$/m);
  assert.match(text, /^- unpin_object: start with --role admin$/m);
  assert.match(text, /^- echo: take them out of --exclude-tools$/m);
  await client.close();
  const admin = await connect(configure({}, "admin"));
  assert.doesNotMatch(admin.getInstructions() ?? "", /not within/);
  await admin.close();
});

Deno.test("progress rises, and a cancelled call is not answered", async () => {
  const client = await connect(configure());
  const seen: { progress: number; message?: string }[] = [];
  const abort = new AbortController();
  const call = client.callTool({ name: "stream_events" }, undefined, {
    onprogress: (progress) => {
      seen.push(progress);
      if (seen.length === 2) abort.abort("enough");
    },
    signal: abort.signal,
  });
  await assert.rejects(call);
  assert.deepEqual(seen.map(({ message }) => message), ["started", "still here"]);
  const [first, second] = seen.map(({ progress }) => progress);
  assert.ok(first !== undefined && second !== undefined && second > first);
  await client.close();
});
