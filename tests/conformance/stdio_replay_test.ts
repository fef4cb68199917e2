// What the official suite asks and needs no fixtures for, replayed over stdio against the built
// executable, each scenario in a connection of its own. The suite itself speaks only HTTP.
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/client"
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";

/** Scenarios by the names of the suite, with its checks. */
const scenarios: Readonly<Record<string, (client: Client) => Promise<void>>> = {
  async "server-initialize"(client) {
    await Promise.resolve();
    assert.equal(client.getServerVersion()?.name, "ebpf-mcp");
    assert.ok(client.getInstructions());
    const { tools, resources, prompts, logging, completions } = client.getServerCapabilities() ??
      {};
    assert.ok(tools && resources?.subscribe && prompts && logging && completions);
  },
  async ping(client) {
    assert.deepEqual(await client.ping(), {});
  },
  async "logging-set-level"(client) {
    assert.deepEqual(await client.setLoggingLevel("info"), {});
  },
  async "tools-list"(client) {
    const { tools } = await client.listTools();
    assert.ok(tools.length > 0);
    for (const { name, description, inputSchema } of tools) {
      assert.ok(name && description && inputSchema, `${name} has a name, a text and a schema`);
    }
  },
  async "resources-list"(client) {
    const { resources } = await client.listResources();
    assert.ok(resources.length > 0);
    for (const { uri, name } of resources) assert.ok(uri && name, "URI and name are there");
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.ok(resourceTemplates.length > 0);
  },
  async "prompts-list"(client) {
    const { prompts } = await client.listPrompts();
    assert.ok(prompts.length > 0);
    for (const { name, description } of prompts) assert.ok(name && description, "both are there");
  },
  async "completion-complete"(client) {
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: "observe" },
      argument: { name: "gadget", value: "exec" },
    });
    assert.deepEqual(completion.values.includes("exec_snoop"), true);
  },
  async "resources-subscribe"(client) {
    assert.deepEqual(await client.subscribeResource({ uri: "bpf://session" }), {});
  },
  async "resources-unsubscribe"(client) {
    await client.subscribeResource({ uri: "bpf://session" });
    assert.deepEqual(await client.unsubscribeResource({ uri: "bpf://session" }), {});
  },
};

const scenarioCount = 9;

kernelTest("the executable passes over stdio what needs no fixtures", async (test) => {
  let executed = 0;
  for (const [name, check] of Object.entries(scenarios)) {
    await test.step(name, async () => {
      await using session = await McpSession.start();
      await check(session.client);
      executed++;
    });
  }
  assert.equal(executed, scenarioCount);
});

kernelTest("the fixtures are not in the executable", async () => {
  await using session = await McpSession.start();
  const { tools } = await session.client.listTools();
  const { resources } = await session.client.listResources();
  const { prompts } = await session.client.listPrompts();
  const names = [...tools, ...resources, ...prompts].map(({ name }) => name);
  assert.deepEqual(names.filter((name) => name.startsWith("test_")), []);
});
