import assert from "node:assert/strict";
import { type Config, configFlags, parseConfig, serveFlags } from "../../src/config.ts";
import { twin } from "../../src/setting.ts";

interface Given {
  readonly flags?: Record<string, readonly string[]>;
  readonly environment?: Record<string, string>;
}

function parse({ flags = {}, environment = {} }: Given): Config {
  return parseConfig({
    flags: new Map(Object.entries(flags)),
    environment: (name) => environment[name],
    workingDirectory: () => "/home/me",
    defaultRole: "observer",
  });
}

Deno.test("parseConfig without flags and variables gives the defaults", () => {
  assert.deepEqual(parse({}), {
    role: "observer",
    toolsets: null,
    tools: null,
    excludeTools: [],
    objects: ["/home/me", "/usr/lib/ebpf-mcp"],
    gadgets: null,
    logLevel: "warning",
    libbpf: "auto",
    transport: "stdio",
    http: null,
    byteBudget: 8192,
  });
});

const decided: readonly [given: Given, wanted: Partial<Config>][] = [
  [{ flags: { role: ["admin"] } }, { role: "admin" }],
  [{ environment: { EBPF_MCP_ROLE: "viewer" } }, { role: "viewer" }],
  [{ environment: { EBPF_MCP_ROLE: "" } }, { role: "observer" }],
  [{ flags: { role: ["operator"] }, environment: { EBPF_MCP_ROLE: "viewer" } }, {
    role: "operator",
  }],
  [{ flags: { "read-only": ["1"] } }, { role: "viewer" }],
  [{ environment: { EBPF_MCP_READ_ONLY: "1" } }, { role: "viewer" }],
  [{ environment: { EBPF_MCP_READ_ONLY: "no" } }, { role: "observer" }],
  [{ flags: { role: ["admin"] }, environment: { EBPF_MCP_READ_ONLY: "1" } }, { role: "admin" }],
  [{ flags: { "read-only": ["1"] }, environment: { EBPF_MCP_ROLE: "admin" } }, { role: "viewer" }],
  [{ flags: { toolsets: ["stream, map_op"] } }, { toolsets: ["stream", "map_op"] }],
  [{ environment: { EBPF_MCP_TOOLS: "a,b" } }, { tools: ["a", "b"] }],
  [{ environment: { EBPF_MCP_EXCLUDE_TOOLS: "a" } }, { excludeTools: ["a"] }],
  [{ flags: { objects: ["/a", "b"] } }, { objects: ["/a", "/home/me/b"] }],
  [{ environment: { EBPF_MCP_OBJECTS: "/a::/b" } }, { objects: ["/a", "/b"] }],
  [{ flags: { objects: ["/a"] }, environment: { EBPF_MCP_OBJECTS: "/b" } }, { objects: ["/a"] }],
  [{ flags: { gadgets: ["mine"] } }, { gadgets: "/home/me/mine" }],
  [{ environment: { EBPF_MCP_GADGETS: "/etc/gadgets" } }, { gadgets: "/etc/gadgets" }],
  [{ flags: { libbpf: ["embedded"] } }, { libbpf: "embedded" }],
  [{ environment: { EBPF_MCP_LOG_LEVEL: "off" } }, { logLevel: "off" }],
  [{ flags: { "byte-budget": ["65536"] } }, { byteBudget: 65536 }],
];

for (const [given, wanted] of decided) {
  Deno.test(`parseConfig turns ${JSON.stringify(given)} into ${JSON.stringify(wanted)}`, () => {
    assert.deepEqual(parse(given), { ...parse({}), ...wanted });
  });
}

const refused: readonly [given: Given, message: RegExp][] = [
  [{ flags: { role: ["root"] } }, /^Cannot use --role: it is "root", wanted one of viewer, /],
  [{ environment: { EBPF_MCP_ROLE: "root" } }, /^Cannot use EBPF_MCP_ROLE: it is "root"/],
  [
    { flags: { role: ["admin"], "read-only": ["1"] } },
    /^Cannot use --role: it is "admin", wanted viewer, because --read-only is set$/,
  ],
  [{ environment: { EBPF_MCP_READ_ONLY: "maybe" } }, /EBPF_MCP_READ_ONLY: it is "maybe"/],
  [{ flags: { toolsets: ["steram"] } }, /"steram" is none of .*did you mean "stream"\?$/],
  [{ flags: { tools: [","] } }, /--tools: it is ",", wanted names separated by commas$/],
  [{ flags: { libbpf: ["1.1"] } }, /--libbpf: it is "1.1", wanted one of auto, system, embedded$/],
  [{ flags: { transport: ["carrier pigeon"] } }, /--transport/],
  [{ flags: { "byte-budget": ["1e6"] } }, /--byte-budget: it is "1e6"/],
  [{ flags: { "byte-budget": ["8191"] } }, /from 8192 to 4194304$/],
];

for (const [given, message] of refused) {
  Deno.test(`parseConfig refuses ${JSON.stringify(given)}`, () => {
    assert.throws(() => parse(given), { code: "invalid_configuration", message });
  });
}

Deno.test("twin names the variable of every flag", () => {
  assert.deepEqual([...serveFlags, ...configFlags].map((flag) => twin(flag.name)), [
    "EBPF_MCP_TRANSPORT",
    "EBPF_MCP_HTTP",
    "EBPF_MCP_TOKEN_FILE",
    "EBPF_MCP_ALLOW_REMOTE",
    "EBPF_MCP_ALLOW_HOST",
    "EBPF_MCP_ALLOW_ORIGIN",
    "EBPF_MCP_IDLE_TIMEOUT",
    "EBPF_MCP_MAX_SESSIONS",
    "EBPF_MCP_MAX_REQUESTS",
    "EBPF_MCP_ROLE",
    "EBPF_MCP_READ_ONLY",
    "EBPF_MCP_TOOLSETS",
    "EBPF_MCP_TOOLS",
    "EBPF_MCP_EXCLUDE_TOOLS",
    "EBPF_MCP_OBJECTS",
    "EBPF_MCP_GADGETS",
    "EBPF_MCP_LOG_LEVEL",
    "EBPF_MCP_LIBBPF",
    "EBPF_MCP_BYTE_BUDGET",
  ]);
});
