// Who gets in over HTTP, and who does not.
import assert from "node:assert/strict";
import { cli } from "../support/cli.ts";
import { HttpServer, messagesOf, tokens } from "../support/http_server.ts";
import { kernelTest } from "../support/kernel_test.ts";

const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });

kernelTest("HTTP: nobody gets in without a token, and is told what is wanted", async () => {
  await using server = await HttpServer.start();
  const attempts: [token: string | null, challenge: string][] = [
    [null, 'Bearer realm="ebpf-mcp"'],
    ["wrong-token-0123456789", 'Bearer realm="ebpf-mcp", error="invalid_token"'],
    [`${tokens[0]}0`, 'Bearer realm="ebpf-mcp", error="invalid_token"'],
    [tokens[0].slice(1), 'Bearer realm="ebpf-mcp", error="invalid_token"'],
  ];
  for (const [token, challenge] of attempts) {
    for (const method of ["POST", "GET", "DELETE"]) {
      const response = await server.send({ token, method, body: method === "POST" ? ping : null });
      assert.equal(response.status, 401, `${method} ${token}`);
      assert.equal(response.headers.get("www-authenticate"), challenge);
      const [message] = await messagesOf(response);
      assert.match(message?.error?.message ?? "", /bearer token/i);
    }
  }
  const basic = { Authorization: `Basic ${btoa(tokens[0])}` };
  assert.equal(await server.status({ token: null, headers: basic, body: ping }), 401);
  assert.equal(await server.status({ headers: { "X-Token": "x" }, body: ping }), 400);
});

kernelTest("HTTP: hosts and origins of elsewhere are refused before the token", async () => {
  await using server = await HttpServer.start({
    args: ["--allow-host", "bpf.example", "--allow-origin", "https://inspector.example"],
  });
  const local = `127.0.0.1:${server.port}`;
  const cases: [headers: Record<string, string>, status: number][] = [
    [{ Host: "evil.example" }, 403],
    [{ Host: `evil.example:${server.port}` }, 403],
    [{ Host: "localhost.evil.example" }, 403],
    [{ Host: "192.0.2.1" }, 403],
    [{ Host: `localhost:${server.port}` }, 400],
    [{ Host: "[::1]:1" }, 400],
    [{ Host: "bpf.example" }, 400],
    [{ Host: "BPF.example:8642" }, 400],
    [{ Origin: "http://evil.example" }, 403],
    [{ Origin: "null" }, 403],
    [{ Origin: `https://${local}` }, 403],
    [{ Origin: "http://127.0.0.1:1" }, 403],
    [{ Origin: `http://${local}` }, 400],
    [{ Origin: "https://inspector.example" }, 400],
  ];
  const client = Deno.createHttpClient({ allowHost: true });
  for (const [headers, status] of cases) {
    // 400: it got in, and has no session
    const answered = await server.status({ headers, body: ping, client });
    assert.equal(answered, status, JSON.stringify(headers));
  }
  const refused = await server.status({ token: null, headers: { Origin: "null" }, body: ping });
  assert.equal(refused, 403);
  client.close();
});

kernelTest("HTTP: a page of an allowed origin may ask, call and read", async () => {
  const origin = "https://inspector.example";
  await using server = await HttpServer.start({ args: ["--allow-origin", origin] });
  const headers = { Origin: origin };
  const asked = await server.send({ token: null, method: "OPTIONS", headers });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-origin"), origin);
  assert.match(asked.headers.get("access-control-allow-headers") ?? "", /Authorization/);
  const called = await server.send({ headers, body: ping });
  assert.equal(called.headers.get("access-control-allow-origin"), origin);
  await called.body?.cancel();
  const foreign = await server.send({
    token: null,
    method: "OPTIONS",
    headers: { Origin: "https://evil.example" },
  });
  assert.equal(foreign.status, 403);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  await foreign.body?.cancel();
});

kernelTest("HTTP: a generated token is in a private file, and stays the same", async () => {
  const found: string[] = [];
  for (let start = 0; start < 2; start++) {
    await using server = await HttpServer.start({ tokens: null });
    const path = /^the bearer token is in (\S+)$/.exec(server.access)?.[1] ?? "";
    const { mode } = await Deno.stat(path);
    assert.equal((mode ?? 0) & 0o777, 0o600);
    const token = (await Deno.readTextFile(path)).trim();
    assert.ok(token.length >= 43, "256 bits");
    await server.begin(token);
    found.push(token);
  }
  assert.equal(found[0], found[1]);
});

kernelTest("HTTP: a token comes from EBPF_MCP_TOKEN, and is never said again", async () => {
  const secret = "environment-token-42424242";
  await using server = await HttpServer.start({ tokens: null, env: { EBPF_MCP_TOKEN: secret } });
  assert.equal(server.access, "the bearer token is in EBPF_MCP_TOKEN");
  await server.begin(secret);
  const command = await Deno.readTextFile(`/proc/${server.pid}/cmdline`);
  assert.ok(!command.includes(secret));
});

kernelTest("HTTP: tokens of no use end the start with 2 and are not repeated", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "short\n");
  const serve = ["serve", "--http", "127.0.0.1:0"];
  const runs = [
    await cli([...serve, "--token-file", file]),
    await cli(serve, { env: { EBPF_MCP_TOKEN: "with spaces in it, and long enough" } }),
    await cli([...serve, "--token-file", file], { env: { EBPF_MCP_TOKEN: tokens[0] } }),
  ];
  for (const { code, stdout, stderr } of runs) {
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.doesNotMatch(stderr, /short|with spaces|first-token/);
  }
  const missing = await cli([...serve, "--token-file", "/nowhere/at/all"]);
  assert.notEqual(missing.code, 0);
  await Deno.remove(file);
});

kernelTest("HTTP: more than the loopback is served only when asked for twice", async () => {
  const refused = await cli(["serve", "--http", "0.0.0.0:0"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--allow-remote/);
  await using server = await HttpServer.start({
    address: "0.0.0.0:0",
    args: ["--allow-remote"],
  });
  assert.match(server.url, /^http:\/\/0\.0\.0\.0:\d+\/mcp$/);
});

kernelTest("HTTP: only the loopback is listened on", async () => {
  await using server = await HttpServer.start();
  const table = await Deno.readTextFile(`/proc/${server.pid}/net/tcp`);
  const port = server.port.toString(16).toUpperCase().padStart(4, "0");
  const listening = [...table.matchAll(new RegExp(`([0-9A-F]{8}):${port} 00000000:0000 0A`, "g"))];
  assert.deepEqual(listening.map(([, address]) => address), ["0100007F"]);
});
