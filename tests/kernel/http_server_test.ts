// Streamable HTTP in front of real sessions: who is let in, and what a session owns goes with it.
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/streamableHttp"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type Loaded, loaded } from "../support/answers.ts";
import { firstToken, HttpInProcess, secondToken } from "../support/http_in_process.ts";
import { assertGone, assertPresent, madeBy, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { initializeRequest } from "../support/initialize.ts";

const releaseTimeoutMs = 5_000;
const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
const initialize = JSON.stringify(initializeRequest);

/** The SDK's client on a session of its own. */
class TestClient implements AsyncDisposable {
  private constructor(
    readonly client: Client,
    readonly transport: StreamableHTTPClientTransport,
  ) {}

  static async connect(server: HttpInProcess, token = firstToken): Promise<TestClient> {
    const transport = new StreamableHTTPClientTransport(new URL(await server.url), {
      requestInit: { headers: { Authorization: `Bearer ${token}` } },
    });
    const client = new Client({ name: "kernel", version: "1.0.0" });
    await client.connect(transport);
    return new TestClient(client, transport);
  }

  get headers() {
    return { "Mcp-Session-Id": this.transport.sessionId ?? "" };
  }

  async load(): Promise<Loaded> {
    const source = { type: "file", path: await buildObject("no_maps") };
    const call = { name: "load_program", arguments: { source } };
    return loaded.parse((await this.client.callTool(call)).structuredContent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

async function begin(server: HttpInProcess, token = firstToken): Promise<Record<string, string>> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await server.send({ headers, body: initialize });
  await response.body?.cancel();
  assert.equal(response.status, 200);
  return { ...headers, "Mcp-Session-Id": response.headers.get("mcp-session-id") ?? "" };
}

kernelTest("serveHttp: a session's objects go with DELETE, and no other's", async () => {
  await using server = new HttpInProcess();
  await using first = await TestClient.connect(server);
  await using second = await TestClient.connect(server, secondToken);
  const [mine, others] = [madeBy(await first.load()), madeBy(await second.load())];
  const { headers } = first;
  await first.transport.terminateSession();
  await assertGone(mine);
  await assertPresent(others);
  assert.equal(await server.status({ headers, body: ping }), 404);
});

kernelTest("serveHttp: what every session made is gone when the server has ended", async () => {
  let made;
  {
    await using server = new HttpInProcess();
    await using client = await TestClient.connect(server);
    made = madeBy(await client.load());
    await assertPresent(made);
  }
  await assertGone(made);
});

kernelTest("serveHttp: a session that is idle for too long ends", async () => {
  await using server = new HttpInProcess({ idleTimeoutMs: 200 });
  const client = await TestClient.connect(server);
  const made = madeBy(await client.load());
  const { headers } = client;
  await client[Symbol.asyncDispose](); // without DELETE
  await untilGone(made, releaseTimeoutMs);
  assert.equal(await server.status({ headers, body: ping }), 404);
});

kernelTest(
  "serveHttp: a request that is not as it must be is refused with its status",
  async (t) => {
    await using server = new HttpInProcess({
      allowedOrigins: ["https://example.org"],
      allowedHosts: ["proxy.example.org"],
    });
    const session = await begin(server);
    const url = await server.url;
    const large = new Uint8Array((12 << 20) + 1);
    const origin = "https://elsewhere.example";
    const rows: Record<string, readonly [RequestInit, number]> = {
      "no token": [{ headers: { Authorization: "" }, body: initialize }, 401],
      "a wrong token": [{ headers: { Authorization: "Bearer wrong" }, body: initialize }, 401],
      "a foreign origin": [{ headers: { Origin: origin }, body: initialize }, 403],
      "another method": [{ method: "PUT", body: ping }, 405],
      "no JSON": [{ headers: { "Content-Type": "text/plain" }, body: ping }, 415],
      "an answer it cannot have": [{ headers: { Accept: "text/html" }, body: ping }, 406],
      "no session": [{ body: ping }, 400],
      "no session to listen to": [{ method: "GET" }, 400],
      "an unknown session": [{ headers: { "Mcp-Session-Id": "none" }, body: ping }, 404],
      "another's session": [
        { headers: { ...session, Authorization: `Bearer ${secondToken}` }, body: ping },
        404,
      ],
      "broken JSON": [{ headers: session, body: "{" }, 400],
      "nothing": [{ headers: session, body: "" }, 400],
      "a body over 12 MiB": [{ headers: session, body: large }, 413],
      "a page's question of an allowed origin": [
        { method: "OPTIONS", headers: { Origin: "https://example.org", Authorization: "" } },
        204,
      ],
      "all that is wanted": [{ headers: session, body: ping }, 200],
    };
    for (const [what, [init, status]] of Object.entries(rows)) {
      await t.step(what, async () => assert.equal(await server.status(init), status));
    }
    await t.step("another path", async () => {
      const response = await fetch(url.replace(/mcp$/, "elsewhere"));
      await response.body?.cancel();
      assert.equal(response.status, 404);
    });
  },
);

kernelTest("serveHttp: sessions and requests are bounded, and told to come later", async () => {
  await using server = new HttpInProcess({ maxSessions: 1 });
  const headers = await begin(server);
  const full = await server.send({ body: initialize });
  assert.equal(full.status, 503);
  assert.equal(full.headers.get("retry-after"), "1");
  await full.body?.cancel();
  assert.equal(await server.status({ method: "DELETE", headers }), 200);
  await begin(server);
});

kernelTest("serveHttp: who is no longer welcome loses the session", async () => {
  await using server = new HttpInProcess();
  await using kept = await TestClient.connect(server, secondToken);
  await using lost = await TestClient.connect(server);
  const [staying, leaving] = [madeBy(await kept.load()), madeBy(await lost.load())];
  await server.keepOnly(secondToken);
  await untilGone(leaving, releaseTimeoutMs);
  await assertPresent(staying);
  assert.equal(await server.status({ headers: lost.headers, body: ping }), 401);
});

kernelTest("serveHttp: resources and prompts are read over HTTP", async () => {
  await using server = new HttpInProcess();
  await using session = await TestClient.connect(server);
  const { client } = session;
  await session.load();
  const { resources } = await client.listResources();
  for (const { uri } of resources) {
    const { contents } = await client.readResource({ uri });
    assert.ok(contents.length > 0, uri);
  }
  const { prompts } = await client.listPrompts();
  for (const { name, arguments: wanted = [] } of prompts) {
    const args = wanted.filter(({ required }) => required).map((one) => [one.name, "exec_snoop"]);
    const { messages } = await client.getPrompt({ name, arguments: Object.fromEntries(args) });
    assert.ok(messages.length > 0, name);
  }
});

kernelTest("serveHttp: a Unix socket is its owner's alone, and gone with the server", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  const address = { kind: "unix" as const, path };
  {
    await using server = new HttpInProcess({ address });
    assert.equal(await server.url, `unix:${path}`);
    const { mode, isSocket } = await Deno.lstat(path);
    assert.deepEqual([isSocket, (mode ?? 0) & 0o777], [true, 0o600]);
    await using second = new HttpInProcess({ address });
    await assert.rejects(second.url, /a server listens there already/);
  }
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  await Deno.writeTextFile(path, "somebody's");
  await using third = new HttpInProcess({ address });
  await assert.rejects(third.url, /something else than a socket/);
  await Deno.remove(folder, { recursive: true });
});
