// Sessions over HTTP: each owns what it made, and however it ends, nothing stays.
import assert from "node:assert/strict";
import * as z from "zod";
import { HttpServer, messagesOf, tokens } from "../support/http_server.ts";
import { assertGone, assertPresent, madeBy, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ObjectFolder } from "../support/object_folder.ts";
import { within } from "../support/within.ts";

const releaseTimeoutMs = 10_000;

const owned = z.looseObject({
  session: z.looseObject({ items: z.array(z.looseObject({ kind: z.string() })) }),
});

async function startWith(folder: ObjectFolder, ...args: string[]): Promise<HttpServer> {
  return await HttpServer.start({ args: ["--objects", folder.path, ...args] });
}

kernelTest("HTTP: DELETE answers when everything that the session made is gone", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  await using server = await startWith(folder);
  await using client = await server.connect();
  const made = madeBy(await client.load(path));
  await assertPresent(made);
  const headers = { "Mcp-Session-Id": client.sessionId };
  await client.end();
  await assertGone(made);
  assert.equal(await server.status({ headers, body: "{}" }), 404);
});

kernelTest("HTTP: a session has its own objects, and leaves those of others alone", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  await using server = await startWith(folder);
  await using first = await server.connect();
  await using second = await server.connect();
  const made = madeBy(await first.load(path));
  const seen = await second.ask(owned, "inspect_state", { fields: ["session"] });
  assert.deepEqual(seen.session.items, []);
  await second.end();
  await assertPresent(made);
  const own = await first.ask(owned, "inspect_state", { fields: ["session"] });
  assert.deepEqual(own.session.items.map(({ kind }) => kind), ["object"]);
  await first.end();
  await assertGone(made);
});

kernelTest("HTTP: a session that is idle for too long ends and releases all it made", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  await using server = await startWith(folder, "--idle-timeout", "1");
  const lost = await server.connect();
  const made = madeBy(await lost.load(path));
  const headers = { "Mcp-Session-Id": lost.sessionId };
  await lost[Symbol.asyncDispose](); // without DELETE
  await untilGone(made, releaseTimeoutMs);
  assert.equal(await server.status({ headers, body: "{}" }), 404);
});

kernelTest("HTTP: a session that listens is not idle", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  await using server = await startWith(folder, "--idle-timeout", "1");
  await using client = await server.connect(); // the SDK's client listens with a GET
  const made = madeBy(await client.load(path));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await assertPresent(made);
  await client.end();
});

kernelTest("HTTP: a client that disappears in a call leaves nothing", async () => {
  await using server = await HttpServer.start({ args: ["--idle-timeout", "1"] });
  const headers = { "Mcp-Session-Id": await server.begin() };
  const gone = new AbortController();
  const params = { name: "run_gadget", arguments: { gadget: "exec_snoop", duration_ms: 3_000 } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const response = await server.send({ headers, body, signal: gone.signal });
  const cut = assert.rejects(response.text());
  gone.abort();
  await cut;
  const deadline = performance.now() + releaseTimeoutMs;
  while (await server.status({ headers, method: "GET", body: null }) !== 404) {
    assert.ok(performance.now() < deadline, "the session ends");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
});

kernelTest("HTTP: there are as many sessions as may be, and room again after one", async () => {
  await using server = await HttpServer.start({ args: ["--max-sessions", "2"] });
  const first = await server.connect();
  await using _second = await server.connect(tokens[1]);
  await assert.rejects(server.connect(), /503|as many sessions/);
  await first.end();
  await first[Symbol.asyncDispose]();
  await using _third = await server.connect();
});

kernelTest("HTTP: there are as many requests at a time as there may be", async () => {
  await using server = await HttpServer.start({ args: ["--max-requests", "1"] });
  const headers = { "Mcp-Session-Id": await server.begin() };
  const listening = await server.send({ method: "GET", headers });
  assert.equal(listening.status, 200); // and takes no room while it listens
  const params = { name: "run_gadget", arguments: { gadget: "exec_snoop", duration_ms: 1_500 } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const running = await server.send({ headers, body });
  const refused = await server.send({ headers, body: "{}" });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "1");
  await refused.body?.cancel();
  await messagesOf(running);
  const ping = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "ping" });
  assert.equal(await server.status({ headers, body: ping }), 200);
  await listening.body?.cancel();
});

kernelTest("HTTP: SIGHUP reads the tokens again and ends who is no longer welcome", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  await using server = await startWith(folder);
  await using leaving = await server.connect(tokens[0]);
  await using staying = await server.connect(tokens[1]);
  const lost = madeBy(await leaving.load(path));
  const kept = madeBy(await staying.load(path));
  await Deno.writeTextFile(server.tokenFile, `# rotated\n${tokens[1]}\nthird-token-55555555\n`);
  server.signal("SIGHUP");
  await untilGone(lost, releaseTimeoutMs);
  await assertPresent(kept);
  assert.equal(await server.status({ token: tokens[0], body: "{}" }), 401);
  await server.begin("third-token-55555555");
  await Deno.writeTextFile(server.tokenFile, "bad\n");
  server.signal("SIGHUP");
  await new Promise((resolve) => setTimeout(resolve, 500));
  await server.begin(tokens[1]); // a file that cannot be used changes nothing
  await staying.end();
  await assertGone(kept);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  kernelTest(`HTTP: ${signal} ends every session, releases all, and exits with 0`, async () => {
    await using folder = await ObjectFolder.make();
    const path = await folder.add("no_maps");
    await using server = await startWith(folder);
    await using first = await server.connect();
    await using second = await server.connect(tokens[1]);
    const made = [madeBy(await first.load(path)), madeBy(await second.load(path))];
    const headers = { "Mcp-Session-Id": await server.begin() };
    const params = { name: "run_gadget", arguments: { gadget: "exec_snoop", duration_ms: 60_000 } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
    const running = await server.send({ headers, body });
    server.signal(signal);
    assert.equal(await server.ended(), 0);
    await running.body?.cancel().catch(() => {});
    for (const one of made) await assertGone(one);
  });
}

kernelTest("HTTP: who subscribes to bpf://session is told of what is made", async () => {
  await using folder = await ObjectFolder.make();
  const path = await folder.add("no_maps");
  await using server = await startWith(folder);
  await using connected = await server.connect();
  const { client } = connected;
  const told = Promise.withResolvers<string>();
  client.fallbackNotificationHandler = ({ method, params }) => {
    if (method === "notifications/resources/updated") told.resolve(String(params?.uri));
    return Promise.resolve();
  };
  await client.subscribeResource({ uri: "bpf://session" });
  await connected.load(path);
  assert.equal(await within(5_000, "a notification", told.promise), "bpf://session");
  const { contents } = await client.readResource({ uri: "bpf://session" });
  assert.match(JSON.stringify(contents), /object-1/);
  await connected.end();
});
