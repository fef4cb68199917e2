// Resources, prompts, completion, logging and questions as a client of the protocol sees them.
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/inMemory"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import * as types from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { Connection } from "../../../src/server/connection.ts";
import { makeMcpServer } from "../../../src/server/mcp_server.ts";
import { Registry } from "../../../src/server/registry.ts";
import { defineTool } from "../../../src/tools/define_tool.ts";
import { fixturePrompts } from "../../conformance/fixtures/prompts.ts";
import { fixtureResources, fixtureTemplates } from "../../conformance/fixtures/resources.ts";
import { fixtureTools } from "../../conformance/fixtures/tools.ts";
import { configure, sampleServices } from "./sample_tools.ts";

const greedy = defineTool({
  name: "greedy",
  title: "Enclose too much",
  doc: "Encloses more than one answer may hold.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none", kernel: "5.8" },
  maxTimeMs: 1_000,
  input: z.strictObject({ what: z.enum(["text", "bytes", "blocks"]) }),
  output: z.object({}),
  run({ what }, { request }) {
    const one = what === "text"
      ? { type: "text", text: "x".repeat(9_000) } as const
      : { type: "image", bytes: new Uint8Array(5 << 20), mimeType: "image/png" } as const;
    const many = Array.from({ length: 65 }, () => ({ type: "text", text: "" }) as const);
    for (const content of what === "blocks" ? many : [one]) request.enclose(content);
    return {};
  },
});

interface Connected extends AsyncDisposable {
  readonly client: Client;
}

async function connect(
  capabilities: Record<string, Record<string, unknown>> = {},
  contents: "library" | "tools alone" = "library",
): Promise<Connected> {
  const library = contents === "library"
    ? { resources: fixtureResources, templates: fixtureTemplates, prompts: fixturePrompts }
    : {};
  const registry = new Registry([...fixtureTools, greedy], library);
  const connection = new Connection(registry, sampleServices(configure()));
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await makeMcpServer(connection).connect(ours);
  const client = new Client({ name: "test", version: "1" }, { capabilities });
  await client.connect(theirs);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await connection[Symbol.asyncDispose]();
    },
  };
}

Deno.test("capabilities name what there is and nothing else", async () => {
  await using full = await connect();
  assert.deepEqual(full.client.getServerCapabilities(), {
    tools: {},
    logging: {},
    resources: { subscribe: true },
    prompts: {},
    completions: {},
  });
  await using bare = await connect({}, "tools alone");
  assert.deepEqual(bare.client.getServerCapabilities(), { tools: {}, logging: {} });
  const listing = bare.client.request({ method: "resources/list" }, types.EmptyResultSchema);
  await assert.rejects(listing, { code: -32601 });
});

Deno.test("resources/read answers -32002 and our error for what is not there", async () => {
  await using connected = await connect();
  const reading = connected.client.readResource({ uri: "test://nothing" });
  const error = await reading.then(() => null, (reason: unknown) => reason);
  assert.ok(error instanceof types.McpError);
  assert.equal(error.code, -32002);
  const data = z.object({ error: z.looseObject({ code: z.string() }) }).parse(error.data);
  assert.equal(data.error.code, "resource_not_found");
});

Deno.test("requests with wrong params answer -32602 and say what is wanted", async () => {
  await using connected = await connect();
  const { client } = connected;
  const wrong: [method: string, params: Record<string, unknown>][] = [
    ["resources/read", {}],
    ["resources/read", { uri: 7 }],
    ["resources/read", { uri: "x".repeat(3000) }],
    ["resources/subscribe", {}],
    ["resources/list", { cursor: "x" }],
    ["prompts/list", { cursor: "x" }],
    ["prompts/get", {}],
    ["prompts/get", { name: "nothing" }],
    ["prompts/get", { name: "test_prompt_with_arguments", arguments: { arg1: "x" } }],
    ["prompts/get", { name: "test_simple_prompt", arguments: { arg1: "x" } }],
    ["completion/complete", { ref: { type: "ref/other" }, argument: { name: "x", value: "" } }],
    ["completion/complete", { ref: { type: "ref/prompt", name: "test_simple_prompt" } }],
    ["logging/setLevel", { level: "loud" }],
    ["logging/setLevel", {}],
  ];
  for (const [method, params] of wrong) {
    const asking = client.request({ method, params }, types.EmptyResultSchema);
    await assert.rejects(asking, { code: -32602 }, `${method} ${JSON.stringify(params)}`);
  }
});

Deno.test("a subscriber is told of changes, and of none after it unsubscribed", async () => {
  await using connected = await connect();
  const { client } = connected;
  const uri = "test://watched-resource";
  let count = 0;
  let next = Promise.withResolvers<void>();
  client.setNotificationHandler(types.ResourceUpdatedNotificationSchema, ({ params }) => {
    assert.equal(params.uri, uri);
    count++;
    next.resolve();
  });
  await client.subscribeResource({ uri });
  await client.subscribeResource({ uri }); // once more is the same
  await next.promise;
  next = Promise.withResolvers();
  await next.promise;
  assert.ok(count >= 2);
  await client.unsubscribeResource({ uri });
  await client.unsubscribeResource({ uri });
  const told = count;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(count, told);
  await assert.rejects(client.subscribeResource({ uri: "test://nothing" }), { code: -32002 });
});

Deno.test("a connection has as many subscriptions as it may", async () => {
  await using connected = await connect();
  const { client } = connected;
  const uri = (index: number) => `test://template/${index}/data`;
  for (let index = 0; index < 64; index++) await client.subscribeResource({ uri: uri(index) });
  await assert.rejects(client.subscribeResource({ uri: uri(64) }), { code: -32000 });
  await client.unsubscribeResource({ uri: uri(0) });
  await client.subscribeResource({ uri: uri(64) });
});

Deno.test("log messages below the client's level are not sent", async () => {
  await using connected = await connect();
  const { client } = connected;
  const levels: string[] = [];
  client.setNotificationHandler(types.LoggingMessageNotificationSchema, ({ params }) => {
    levels.push(params.level);
  });
  const call = () => client.callTool({ name: "test_tool_with_logging" });
  await call();
  assert.equal(levels.length, 3);
  await client.setLoggingLevel("warning");
  await call();
  assert.equal(levels.length, 3);
  await client.setLoggingLevel("debug");
  await call();
  assert.equal(levels.length, 6);
});

async function textOf(client: Client, name: string, args = {}): Promise<string> {
  return JSON.stringify(await client.callTool({ name, arguments: args }));
}

Deno.test("a client that cannot be asked is not asked: the tool's answer says so", async () => {
  await using connected = await connect();
  const { client } = connected;
  assert.match(await textOf(client, "test_sampling", { prompt: "x" }), /client_feature_missing/);
  assert.match(
    await textOf(client, "test_elicitation", { message: "x" }),
    /client_feature_missing/,
  );
  await using urls = await connect({ elicitation: { url: {} } });
  const asked = await textOf(urls.client, "test_elicitation", { message: "x" });
  assert.match(asked, /client_feature_missing/);
});

Deno.test("an elicited answer reaches the tool when it fits, and only then", async () => {
  await using connected = await connect({ elicitation: {} });
  const { client } = connected;
  const answers: types.ElicitResult[] = [
    { action: "accept", content: { username: "eve", email: "eve@example.org" } },
    { action: "accept", content: { username: "eve" } },
    { action: "accept", content: { username: 7, email: "x" } },
    { action: "decline" },
    { action: "cancel" },
  ];
  const patterns = [
    /action=accept.*eve@example.org/,
    /email.*it is missing/,
    /username.*wanted text/,
    /action=decline/,
    /action=cancel/,
  ];
  client.setRequestHandler(
    types.ElicitRequestSchema,
    () => answers.shift() ?? { action: "cancel" },
  );
  for (const pattern of patterns) {
    assert.match(await textOf(client, "test_elicitation", { message: "Who?" }), pattern);
  }
});

Deno.test("what a client's model says is given to the tool; its refusal is an error", async () => {
  await using connected = await connect({ sampling: {} });
  const { client } = connected;
  client.setRequestHandler(types.CreateMessageRequestSchema, ({ params }) => {
    if (params.messages.length !== 1) throw new Error("one message is sent");
    return { role: "assistant", content: { type: "text", text: "Forty-two" }, model: "m" };
  });
  assert.match(await textOf(client, "test_sampling", { prompt: "x" }), /LLM response: Forty-two/);
  client.setRequestHandler(types.CreateMessageRequestSchema, () => {
    throw new Error("the person said no");
  });
  const refused = await textOf(client, "test_sampling", { prompt: "x" });
  assert.match(refused, /client_request_failed/);
  assert.match(refused, /the person said no/);
});

Deno.test("what is enclosed comes behind the JSON, within bounds", async () => {
  await using connected = await connect();
  const { client } = connected;
  const { content } = await client.callTool({ name: "test_multiple_content_types" });
  const kinds = z.array(z.looseObject({ type: z.string() })).parse(content);
  assert.deepEqual(kinds.map(({ type }) => type), ["text", "text", "image", "resource"]);
  for (const what of ["text", "bytes", "blocks"]) {
    assert.match(await textOf(client, "greedy", { what }), /limit_exceeded/, what);
  }
});
