import assert from "node:assert/strict";
import { version } from "../../../src/version.ts";
import { initialize, request } from "../server/pipes.ts";
import { run } from "./fake_program.ts";

const misused: readonly [args: readonly string[], stderr: RegExp][] = [
  [["cal"], /There is no command "cal"; did you mean "call"\?/],
  [["serve", "call"], /"serve" does not take "call"; a command's name comes first/],
  [["--role", "viewer", "call"], /"serve" does not take "call"/],
  [["--rol", "viewer"], /"serve" does not know --rol; did you mean "--role"\?/],
  [["--role"], /--role needs a value: viewer\|observer\|operator\|admin/],
  [["--role", "x"], /Cannot use --role: it is "x"/],
  [["--role", "viewer", "--role", "admin"], /--role is given 2 times/],
  [["--read-only=yes"], /--read-only takes no value/],
  [["-x"], /"serve" does not know -x/],
  [["-t", "smoke"], /--transport: it is "smoke", wanted one of stdio/],
  [["call"], /"call" needs tool/],
  [["call", "ecko"], /Unknown tool "ecko"; did you mean "echo"\?/],
  [["call", "echo", "{"], /the argument is not JSON: /],
  [["call", "echo", "{}", "more"], /"call" does not take "more"/],
  [["run"], /"run" needs plan/],
  [["run", "plan.json", "--on-error"], /"run" does not know --on-error/],
  [["tools", "ecko"], /did you mean "echo"/],
  [["tools", "--exclude-tools", "ecko"], /there is no tool "ecko"/],
  [["doctor", "now"], /"doctor" does not take "now"/],
  [["install", "cursr"], /did you mean "cursor"/],
  [["schemas", "x"], /"schemas" does not take "x"/],
];

Deno.test("main exits with 3 where nothing can be written, and throws nothing", async () => {
  const full = ["stdout", "stderr"] as const;
  for (const args of [["--help"], ["cal"], ["call", "echo", "{}"], ["tools"], ["doctor"]]) {
    const { code, stdout, stderr } = await run(args, { full });
    assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: "", stderr: "" });
  }
});

Deno.test("main tells of its exit codes", async () => {
  const { stdout } = await run(["--help"]);
  assert.match(stdout, /^Exit codes: 0 done; 1 the tool .*\nimpossible; 2 usage; 3 the result/m);
});

for (const [args, stderr] of misused) {
  Deno.test(`main answers ${JSON.stringify(args.join(" "))} with exit 2 and a reason`, async () => {
    const outcome = await run(args);
    assert.equal(outcome.code, 2);
    assert.equal(outcome.stdout, "");
    assert.match(outcome.stderr, stderr);
    assert.doesNotMatch(outcome.stderr, /\bat .*\.ts/);
    assert.equal(outcome.opened, 0);
  });
}

Deno.test("main gives help for the program and for each command", async () => {
  const all = await run(["--help"]);
  assert.equal(all.code, 0);
  for (const name of ["serve", "call", "run", "tools", "doctor", "schemas", "install", "version"]) {
    assert.match(all.stdout, new RegExp(`^ +${name} +\\S`, "m"));
    const one = await run([name, "--help"]);
    assert.equal(one.code, 0);
    assert.match(one.stdout, new RegExp(`USAGE ebpf-mcp ${name}`));
    assert.doesNotMatch(one.stdout, /(?!\n)\p{Cc}/u);
  }
});

Deno.test("serve is the command when none is named, and answers on stdout alone", async () => {
  const outcome = await run(["--role", "viewer"], {
    stdin: `${JSON.stringify(initialize)}\n${JSON.stringify(request(1, "tools/list"))}\n`,
  });
  assert.equal(outcome.code, 0);
  const lines = outcome.stdout.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", /"name":"echo"/);
  assert.doesNotMatch(lines[1] ?? "", /"name":"stream_events"/);
  assert.equal(outcome.released, 1);
});

Deno.test("call prints the result as one line of JSON and releases its session", async () => {
  const outcome = await run(["call", "echo", '{"text":"hi"}']);
  assert.equal(outcome.code, 0);
  assert.match(outcome.stdout, /^\{"text":"hi",.*\}\n$/);
  assert.deepEqual([outcome.opened, outcome.released, outcome.stderr], [1, 1, ""]);
});

Deno.test("call reads its arguments from stdin", async () => {
  const outcome = await run(["call", "echo", "-"], { stdin: '{"text":"hi"}' });
  assert.match(outcome.stdout, /^\{"text":"hi"/);
});

Deno.test("call prints the error object and exits 1", async () => {
  const outcome = await run(["call", "broken", '{"how":"ours"}']);
  assert.equal(outcome.code, 1);
  assert.match(outcome.stdout, /^\{"error":\{"category":"resource","code":"map_not_found"/);
  assert.equal(outcome.released, 1);
});

Deno.test("call is admin, unless flag or environment say less", async () => {
  const call = ["call", "unpin_object", '{"id":1}'];
  assert.equal((await run(call)).code, 0);
  const flagged = await run([...call, "--role", "operator"]);
  assert.equal(flagged.code, 1);
  assert.match(flagged.stdout, /"tool_not_allowed"/);
  assert.equal((await run(call, { environment: { EBPF_MCP_READ_ONLY: "1" } })).code, 1);
});

Deno.test("call draws on a terminal, and JSON there only when asked", async () => {
  const args = ["call", "load_program", '{"source":{"type":"file","path":"/a"}}'];
  const drawn = await run(args, { terminal: "yes" });
  assert.match(drawn.stdout, /^programs:\nPROGRAM_ID\n {9}7\n {9}8$/m);
  const json = await run([...args, "--json"], { terminal: "yes" });
  assert.match(json.stdout, /^\{\n {2}"programs": \[/);
});

Deno.test("call shows progress on a terminal alone", async () => {
  const drawn = await run(["call", "stream_events"], { terminal: "yes" });
  assert.ok(drawn.stderr.startsWith("\r\u001b[K0/2 started"));
  assert.equal((await run(["call", "stream_events"])).stderr, "");
});

Deno.test("call that a signal ends releases and exits with the signal's code", async () => {
  const outcome = await run(["call", "stream_events"], { interrupted: "yes" });
  assert.equal(outcome.code, 130);
  assert.equal(outcome.released, 1);
});

Deno.test("install for a server on HTTP prints its address and no token", async () => {
  const http = ["--http", "127.0.0.1:8642"];
  const code = await run(["install", "claude-code", ...http, "--role", "operator"]);
  assert.equal(
    code.stdout,
    "claude mcp add --transport http ebpf-mcp http://127.0.0.1:8642/mcp " +
      '--header "Authorization: Bearer $EBPF_MCP_TOKEN"\n',
  );
  assert.match(code.stderr, /\/opt\/ebpf-mcp serve --http 127\.0\.0\.1:8642 --role operator/);
  const codex = await run(["install", "codex", "-t", "http"]);
  assert.match(codex.stdout, /url = "http:\/\/127\.0\.0\.1:8642\/mcp"/);
  for (const client of ["cursor", "vscode", "windsurf", "zed"]) {
    const { stdout } = await run(["install", client, "--http", "[::1]:1"]);
    assert.match(JSON.stringify(JSON.parse(stdout)), /http:\/\/\[::1\]:1\/mcp/, client);
  }
});

Deno.test("install refuses what a client cannot reach", async () => {
  const refused = [
    ["claude", "--http", "127.0.0.1:1"],
    ["cursor", "--http", "127.0.0.1:0"],
    ["cursor", "--http", "unix:/run/ebpf-mcp/x.sock"],
  ];
  for (const args of refused) assert.equal((await run(["install", ...args])).code, 2, args[2]);
});

Deno.test("install prints the executable, the flags and nothing else on stdout", async () => {
  const vscode = await run(["install", "vscode", "--role", "operator", "--objects", "/a b"]);
  assert.deepEqual(JSON.parse(vscode.stdout), {
    servers: {
      "ebpf-mcp": {
        type: "stdio",
        command: "/opt/ebpf-mcp",
        args: ["serve", "--role", "operator", "--objects", "/a b"],
      },
    },
  });
  const code = await run(["install", "claude-code", "--objects", "/a b", "--read-only"]);
  assert.equal(
    code.stdout,
    "claude mcp add ebpf-mcp -- /opt/ebpf-mcp serve --read-only --objects '/a b'\n",
  );
  const codex = await run(["install", "codex"]);
  assert.match(codex.stdout, /^\[mcp_servers\.ebpf-mcp\]\ncommand = "\/opt\/ebpf-mcp"\nargs = /);
  for (const client of ["claude", "cursor", "windsurf", "zed"]) {
    assert.match((await run(["install", client])).stdout, /"command": "\/opt\/ebpf-mcp"/);
  }
});

Deno.test("version names program, runtime, libbpf and kernel", async () => {
  const answer: unknown = JSON.parse((await run(["version"])).stdout);
  assert.ok(typeof answer === "object" && answer !== null);
  assert.deepEqual(Object.keys(answer), [
    "version",
    "architecture",
    "deno",
    "v8",
    "libbpf",
    "kernel",
  ]);
  assert.equal((await run(["--version"])).stdout, `${version}\n`);
});

Deno.test("tools lists what the role reaches and shows one tool's contract", async () => {
  const list = await run(["tools", "--role", "viewer"]);
  assert.match(list.stdout, /^echo +reflect +read +Give back what came$/m);
  assert.doesNotMatch(list.stdout, /unpin_object/);
  const one = await run(["tools", "echo"]);
  assert.match(one.stdout, /^times +integer 1..10 +optional +\(default 1\)$/m);
  assert.match(one.stdout, /^execution_time_ms/m);
  const json = await run(["tools", "echo", "--json"]);
  assert.match(json.stdout, /^\{"name":"echo",.*"inputSchema":/);
});

Deno.test("schemas prints the plan, the error and every tool", async () => {
  const document: unknown = JSON.parse((await run(["schemas"])).stdout);
  assert.ok(typeof document === "object" && document !== null);
  assert.deepEqual(Object.keys(document), ["version", "error", "plan", "plan_answer", "tools"]);
});

Deno.test("call --watch that is interrupted ends in order", async () => {
  const args = ["call", "echo", '{"text":"hello"}', "--watch"];
  const { stdout, opened, released } = await run(args, { interrupted: "yes" });
  assert.equal(stdout, "");
  assert.equal(opened, released);
});

Deno.test("call --watch ends at the first error, with it", async () => {
  const { code, stdout } = await run([
    "call",
    "broken",
    JSON.stringify({ how: "ours" }),
    "--watch",
  ]);
  assert.equal(code, 1);
  assert.match(stdout, /^\{"error":/);
});
