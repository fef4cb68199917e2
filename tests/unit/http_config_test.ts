import assert from "node:assert/strict";
import { EBPFError } from "../../src/errors.ts";
import { type HttpConfig, parseHttp } from "../../src/http_config.ts";

function parse(
  flags: Readonly<Record<string, string | readonly string[]>>,
  environment: Readonly<Record<string, string>> = {},
): HttpConfig | null {
  return parseHttp({
    flags: new Map(Object.entries(flags).map(([name, value]) => [name, [value].flat()])),
    environment: (name) => environment[name],
    workingDirectory: () => "/home/me",
    defaultRole: "observer",
  });
}

function reasonOf(
  flags: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): string {
  try {
    parse(flags, environment);
  } catch (error) {
    assert.ok(error instanceof EBPFError);
    assert.equal(error.code, "invalid_configuration");
    return error.message;
  }
  throw new Error("it was accepted");
}

Deno.test("parseHttp is null on stdio", () => {
  assert.equal(parse({}), null);
  assert.equal(parse({ transport: "stdio" }), null);
  assert.equal(parse({ transport: "stdio" }, { EBPF_MCP_HTTP: "127.0.0.1:1" }), null);
});

Deno.test("parseHttp without an address serves on the loopback, with bounds", () => {
  assert.deepEqual(parse({ transport: "http" }), {
    address: { kind: "tcp", hostname: "127.0.0.1", port: 8642 },
    tokenFile: null,
    allowedHosts: [],
    allowedOrigins: [],
    idleTimeoutMs: 1_800_000,
    maxSessions: 64,
    maxRequests: 128,
  });
});

Deno.test("parseHttp reads addresses", () => {
  const addresses: [string, HttpConfig["address"]][] = [
    ["127.0.0.1:80", { kind: "tcp", hostname: "127.0.0.1", port: 80 }],
    ["localhost:0", { kind: "tcp", hostname: "localhost", port: 0 }],
    ["[::1]:8642", { kind: "tcp", hostname: "::1", port: 8642 }],
    ["unix:/run/ebpf-mcp/http.sock", { kind: "unix", path: "/run/ebpf-mcp/http.sock" }],
  ];
  for (const [http, address] of addresses) assert.deepEqual(parse({ http })?.address, address);
});

Deno.test("parseHttp binds beyond the loopback only when told twice", () => {
  assert.match(reasonOf({ http: "0.0.0.0:8642" }), /an address of the loopback, or --allow-remote/);
  assert.match(reasonOf({ http: "[::]:8642", "allow-remote": "0" }), /--allow-remote/);
  assert.deepEqual(parse({ http: "[::]:8642", "allow-remote": "1" })?.address, {
    kind: "tcp",
    hostname: "::",
    port: 8642,
  });
  assert.match(reasonOf({ http: "192.0.2.1:8642", "allow-remote": "1" }), /wanted 127\.0\.0\.1/);
});

Deno.test("parseHttp refuses what is no address", () => {
  for (
    const http of ["8642", "127.0.0.1", "host:8642", "127.0.0.1:70000", "unix:x", "unix:", ":1"]
  ) {
    assert.match(reasonOf({ http }), /^Cannot use --http: it is /, http);
  }
  assert.match(reasonOf({}, { EBPF_MCP_HTTP: "x" }), /^Cannot use EBPF_MCP_HTTP: it is "x"/);
});

Deno.test("parseHttp refuses flags that contradict each other", () => {
  assert.match(reasonOf({ transport: "stdio", http: "127.0.0.1:1" }), /the transport is stdio/);
  assert.match(reasonOf({ "token-file": "x" }), /Cannot use --token-file without --http/);
  assert.match(reasonOf({ http: "unix:/x", "token-file": "x" }), /no tokens on a Unix socket/);
});

Deno.test("parseHttp reads lists from repeated flags, or a variable with commas", () => {
  const http = "127.0.0.1:1";
  const flags = parse({ http, "allow-host": ["Example.ORG", "b:1"] });
  assert.deepEqual(flags?.allowedHosts, ["example.org", "b:1"]);
  const variable = { EBPF_MCP_ALLOW_ORIGIN: "https://a.example, http://b.example:8080" };
  const found = parse({ http }, variable)?.allowedOrigins;
  assert.deepEqual(found, ["https://a.example", "http://b.example:8080"]);
  assert.match(reasonOf({ http, "allow-origin": "*" }), /wanted an origin/);
  assert.match(reasonOf({ http, "allow-host": "http://x" }), /wanted a host name/);
});

Deno.test("parseHttp refuses bounds that are none", () => {
  const http = "127.0.0.1:1";
  assert.match(reasonOf({ http, "idle-timeout": "0" }), /wanted a number from 1 to 86400/);
  assert.match(reasonOf({ http, "max-sessions": "many" }), /wanted a number from 1 to 1024/);
  assert.equal(parse({ http, "idle-timeout": "5", "max-requests": "7" })?.idleTimeoutMs, 5000);
  assert.equal(parse({ http, "token-file": "t" })?.tokenFile, "/home/me/t");
});
