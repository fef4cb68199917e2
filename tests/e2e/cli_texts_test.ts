// Commands that only tell: tools, schemas, install, version, help.
import assert from "node:assert/strict";
import * as z from "zod";
import { cli } from "../support/cli.ts";
import { McpSession } from "../support/client.ts";
import { briefInput } from "../../src/server/brief_input.ts";
import { kernelTest } from "../support/kernel_test.ts";

async function printed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** What both must agree on; tools/list leaves out what a model does not need. */
const contracts = z.array(z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: z.looseObject({ type: z.literal("object") }),
  annotations: z.unknown(),
}));

kernelTest("tools lists what tools/list lists", async () => {
  await using session = await McpSession.start();
  const { tools } = await session.client.listTools();
  const value: unknown = JSON.parse(await printed("tools", "--json"));
  const brief = contracts.parse(value).map(({ inputSchema, ...rest }) => {
    return { ...rest, inputSchema: briefInput(inputSchema) };
  });
  assert.deepEqual(brief, contracts.parse(tools));
  const text = await printed("tools");
  for (const { name } of tools) assert.match(text, new RegExp(`^${name} `, "m"));
  const viewer: unknown = JSON.parse(await printed("tools", "--json", "--read-only"));
  assert.ok(contracts.parse(viewer).every(({ name }) => name !== "load_program"));
});

kernelTest("tools NAME shows what a tool takes and gives", async () => {
  const text = await printed("tools", "map_dump");
  for (const word of ["map_id", "max_entries", "next_cursor", "toolset map_op", "CAP_BPF"]) {
    assert.ok(text.includes(word), word);
  }
  const value: unknown = JSON.parse(await printed("tools", "map_dump", "--json"));
  assert.equal(z.looseObject({ name: z.string() }).parse(value).name, "map_dump");
});

kernelTest("schemas prints the schemas that are published", async () => {
  const value: unknown = JSON.parse(await printed("schemas"));
  const document = z.looseObject({ tools: z.record(z.string(), z.unknown()) }).parse(value);
  const folder = new URL("../../schemas/", import.meta.url);
  for (const [name, schema] of Object.entries(document.tools)) {
    const published: unknown = JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, folder)));
    assert.deepEqual(schema, published, `schemas/${name}.json`);
  }
  for (const name of ["plan", "plan_answer", "error"]) {
    const published: unknown = JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, folder)));
    assert.deepEqual(document[name], published, `schemas/${name}.json`);
  }
});

kernelTest("install prints a client's configuration with the flags given", async () => {
  const server = z.object({ command: z.string(), args: z.array(z.string()) });
  const flags = ["--role", "operator", "--exclude-tools", "unload_program"];
  for (const client of ["claude", "cursor"]) {
    const value: unknown = JSON.parse(await printed("install", client, ...flags));
    const { mcpServers } = z.object({ mcpServers: z.record(z.string(), server) }).parse(value);
    const { command, args } = mcpServers["ebpf-mcp"];
    assert.match(command, /^\//);
    assert.deepEqual(args.slice(args.indexOf("serve")), ["serve", ...flags]);
  }
  const vscode: unknown = JSON.parse(await printed("install", "vscode"));
  z.object({ servers: z.object({ "ebpf-mcp": server.extend({ type: z.literal("stdio") }) }) })
    .parse(vscode);
  assert.match(await printed("install", "codex"), /^\[mcp_servers\.ebpf-mcp\]\ncommand = "\//);
  assert.match(await printed("install", "claude-code"), /^claude mcp add ebpf-mcp -- \//);
});

kernelTest("version tells what runs here", async () => {
  const value: unknown = JSON.parse(await printed("version"));
  const { version } = z.object({
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    architecture: z.string(),
    deno: z.string(),
    v8: z.string(),
    libbpf: z.string().regex(/^\d+\.\d+/),
    kernel: z.string().regex(/^\d+\.\d+/),
  }).parse(value);
  assert.equal(await printed("--version"), `${version}\n`);
});

kernelTest("help names every command, and a command's help its flags", async () => {
  const help = await printed("--help");
  for (const command of ["serve", "call", "run", "tools", "schemas", "install", "version"]) {
    assert.match(help, new RegExp(`^\\s*${command}\\s`, "m"));
    assert.match(await printed(command, "--help"), new RegExp(`ebpf-mcp ${command}`));
  }
  assert.match(await printed("call", "--help"), /--role/);
});
