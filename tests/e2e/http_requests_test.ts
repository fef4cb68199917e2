// Requests over HTTP that are wrong, broken, slow or too large: answered, and the server goes on.
import assert from "node:assert/strict";
import { HttpServer, messagesOf, type RequestChoices, tokens } from "../support/http_server.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { within } from "../support/within.ts";

const mebibyte = 1 << 20;
const encoder = new TextEncoder();

function rpc(id: number | string, method: string, params?: unknown): string {
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    method,
    ...(params === undefined ? {} : { params }),
  });
}

kernelTest("HTTP: what is no request of ours is answered as HTTP and JSON-RPC say", async () => {
  await using server = await HttpServer.start();
  const session = { "Mcp-Session-Id": await server.begin() };
  const json = "application/json";
  type Case = [init: RequestChoices, status: number, code?: number];
  const cases: Case[] = [
    [{ body: "not json", headers: session }, 400, -32700],
    [{ body: "", headers: session }, 400, -32700],
    [{ body: new Uint8Array([0xff, 0xfe]), headers: session }, 400, -32700],
    [{ body: "[]", headers: session }, 400, -32600],
    [{ body: `[${rpc(1, "ping")}]`, headers: session }, 400, -32600],
    [{ body: "42", headers: session }, 400, -32600],
    [{ body: '{"jsonrpc":"2.0","id":1}', headers: session }, 400, -32600],
    [{ body: '{"jsonrpc":"1.0","id":1,"method":"ping"}', headers: session }, 400, -32600],
    [{ body: "[".repeat(100_000), headers: session }, 400, -32700],
    [{ body: rpc(1, "ping") }, 400, -32600],
    [{ body: rpc(1, "initialize"), headers: {} }, 400, -32602],
    [{ body: rpc(1, "ping"), headers: { ...session, "Content-Type": "text/plain" } }, 415],
    [{ body: rpc(1, "ping"), headers: { ...session, "Content-Type": `x; a=${json}` } }, 415],
    [{ body: rpc(1, "ping"), headers: { ...session, Accept: json } }, 406],
    [{ body: rpc(1, "ping"), headers: { ...session, "Mcp-Protocol-Version": "1999" } }, 400],
    [{ method: "GET" }, 400],
    [{ method: "GET", headers: { ...session, Accept: json } }, 406],
    [{ method: "DELETE" }, 400],
    [{ method: "PUT", body: "x", headers: session }, 405],
    [{ method: "PATCH", body: "x", headers: session }, 405],
  ];
  for (const [init, status, code] of cases) {
    const response = await server.send(init);
    assert.equal(response.status, status, JSON.stringify(init));
    const [message] = await messagesOf(response);
    assert.ok(message?.error !== undefined, "the answer is a JSON-RPC error");
    if (code !== undefined) assert.equal(message.error.code, code, JSON.stringify(init));
  }
  const elsewhere = await fetch(new URL("/", server.url), { method: "POST", body: "x" });
  assert.equal(elsewhere.status, 404);
  await elsewhere.body?.cancel();
  const [pong] = await messagesOf(await server.send({ body: rpc(9, "ping"), headers: session }));
  assert.deepEqual(pong?.result, {});
});

kernelTest("HTTP: a session answers nobody but its principal", async () => {
  await using server = await HttpServer.start();
  const headers = { "Mcp-Session-Id": await server.begin(tokens[0]) };
  const unknown = { "Mcp-Session-Id": crypto.randomUUID() };
  for (const method of ["POST", "GET", "DELETE"]) {
    const body = method === "POST" ? rpc(1, "ping") : null;
    const foreign = await server.send({ token: tokens[1], method, headers, body });
    const never = await server.send({ token: tokens[1], method, headers: unknown, body });
    assert.equal(foreign.status, 404, method);
    assert.equal(await foreign.text(), await never.text(), "told apart from none by nothing");
    assert.equal(never.status, 404, method);
  }
  const [pong] = await messagesOf(await server.send({ headers, body: rpc(2, "ping") }));
  assert.deepEqual(pong?.result, {});
});

kernelTest("HTTP: a body over 12 MiB is refused, told or not, and one below is read", async () => {
  await using server = await HttpServer.start();
  const headers = { "Mcp-Session-Id": await server.begin() };
  const large = new Uint8Array(12 * mebibyte + 1).fill(32);
  assert.equal(await server.status({ headers, body: large }), 413);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      sent += mebibyte;
      if (sent > 40 * mebibyte) controller.close();
      else controller.enqueue(new Uint8Array(mebibyte).fill(32));
    },
  });
  assert.equal(await refusedOrCut(server.status({ headers, body: endless })), 413);
  const padded = rpc(3, "ping").padEnd(11 * mebibyte, " ");
  const [pong] = await messagesOf(await server.send({ headers, body: padded }));
  assert.deepEqual(pong?.result, {});
});

/** A client that still writes may see the connection end before it sees the answer. */
async function refusedOrCut(status: Promise<number>): Promise<number> {
  try {
    return await status;
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error));
    return 413;
  }
}

kernelTest("HTTP: half a body keeps nobody else waiting, and its end is noticed", async () => {
  await using server = await HttpServer.start({ args: ["--max-requests", "2"] });
  const headers = { "Mcp-Session-Id": await server.begin() };
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await slow.write(encoder.encode(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${tokens[0]}\r\n` +
      "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n" +
      'Content-Length: 100\r\n\r\n{"jsonrpc"',
  ));
  const answers = messagesOf(await server.send({ headers, body: rpc(1, "ping") }));
  assert.deepEqual((await within(2_000, "a ping", answers))[0]?.result, {});
  slow.closeWrite().catch(() => {});
  const buffer = new Uint8Array(1024);
  const count = await within(5_000, "the answer", slow.read(buffer)) ?? 0;
  const answer = new TextDecoder().decode(buffer.subarray(0, count));
  assert.ok(count === 0 || /^HTTP\/1\.1 4\d\d /.test(answer), answer);
});

kernelTest("HTTP: giant and broken headers are refused, and the server goes on", async () => {
  await using server = await HttpServer.start();
  const heads = [
    `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${`X-Long: ${"a".repeat(1000)}\r\n`.repeat(1000)}\r\n`,
    `GET /mcp HTTP/1.1\r\nHost: localhost\r\n${"X: y\r\n".repeat(10_000)}\r\n`,
    "GET /mcp\r\n\r\n",
    "\0\0\0\0\0\0\0\0\r\n\r\n",
    "GET /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET /mcp HTTP/1.1\r\n\r\n",
  ];
  for (const head of heads) {
    const text = await exchange(server.port, head);
    assert.match(text, /^(HTTP\/1\.1 4\d\d |$)/, JSON.stringify(head.slice(0, 60)));
  }
  await server.begin();
});

/** What the server answers to these bytes before it closes or falls silent. */
async function exchange(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(4096);
  const reading = connection.read(buffer).catch(() => 0);
  for (let rest = encoder.encode(text); rest.length > 0;) {
    const count = await connection.write(rest).catch(() => rest.length); // it has heard enough
    rest = rest.subarray(count);
  }
  const count = await within(10_000, "an answer", reading);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

kernelTest("HTTP: an id that is being worked on is refused, and works again later", async () => {
  await using server = await HttpServer.start();
  const headers = { "Mcp-Session-Id": await server.begin() };
  const gadget = { name: "run_gadget", arguments: { gadget: "exec_snoop", duration_ms: 1500 } };
  const first = server.send({ headers, body: rpc("same", "tools/call", gadget) });
  const running = await first; // the stream is open, the answer is still to come
  assert.equal(await server.status({ headers, body: rpc("same", "ping") }), 400);
  const [answer] = await messagesOf(running);
  assert.equal(answer?.id, "same");
  const [pong] = await messagesOf(await server.send({ headers, body: rpc("same", "ping") }));
  assert.deepEqual(pong?.result, {});
});

kernelTest("HTTP: the cancellation of a request ends its stream", async () => {
  await using server = await HttpServer.start();
  const headers = { "Mcp-Session-Id": await server.begin() };
  const gadget = { name: "run_gadget", arguments: { gadget: "exec_snoop", duration_ms: 60_000 } };
  const running = await server.send({ headers, body: rpc(5, "tools/call", gadget) });
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } };
  assert.equal(await server.status({ headers, body: JSON.stringify(cancel) }), 202);
  assert.deepEqual(await within(5_000, "the stream's end", messagesOf(running)), []);
});
