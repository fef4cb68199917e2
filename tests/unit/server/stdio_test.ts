import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Connection } from "../../../src/server/connection.ts";
import { LateConnection } from "../../../src/server/late_connection.ts";
import { Registry } from "../../../src/server/registry.ts";
import { serveStdio } from "../../../src/server/serve_stdio.ts";
import { ChunkReader, initialize, lines, LineSink, request } from "./pipes.ts";
import { configure, sampleServices, sampleTools } from "./sample_tools.ts";

const registry = new Registry(sampleTools);
const encoder = new TextEncoder();

interface Run {
  readonly sink: LineSink;
  readonly released: number;
}

async function serve(chunks: readonly Uint8Array[], sink = new LineSink()): Promise<Run> {
  const services = sampleServices(configure());
  await serveStdio({
    connection: LateConnection.of(new Connection(registry, services)),
    input: new ChunkReader(chunks),
    output: sink,
    ending: new AbortController().signal,
  });
  return { sink, released: services.released() };
}

function bytes(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const arrays = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  return new Uint8Array(arrays.flatMap((part) => [...part]));
}

const hostile = bytes(
  lines(initialize),
  "not json\r\n\n   \n",
  Uint8Array.of(0xff, 0xfe, 0x00, 0x0a),
  "[]\n42\n",
  lines(request(1, "tools/call", { name: "echo", arguments: { text: "é\u2028\u009b" } })),
  '{"jsonrpc":"2.0","id":"half',
  "\n",
  lines(request(2, "nonsense/method"), request(3, "tools/call", { name: "ebpf_load" })),
  lines(request(4, "tools/call", { nam: 1 }), request(5, "tools/call")),
  lines({ jsonrpc: "2.0", method: "notifications/initialized" }),
  lines(request("s", "ping"), request(6, "tools/list", {})),
  '{"jsonrpc":"2.0","id":7,"method":"ping"',
);

/** The answers in an order that does not depend on timing; the times in them do. */
function answersOf(sink: LineSink): string[] {
  return sink.messages.map((message) =>
    JSON.stringify(message).replaceAll(/execution_time_ms\\?":[0-9.e-]+/g, "")
  ).sort();
}

Deno.test("StdioTransport answers hostile input line by line and goes on", async () => {
  const { sink, released } = await serve([hostile]);
  const codes = sink.messages.map((message) => message.error?.code).filter((code) => code);
  const errors = new Map<number | undefined, number>();
  for (const code of codes) errors.set(code, (errors.get(code) ?? 0) + 1);
  assert.deepEqual(errors, new Map([[-32700, 4], [-32600, 2], [-32601, 1], [-32602, 3]]));
  assert.equal(sink.answer(2)?.error?.message, 'Unknown method "nonsense/method"');
  assert.equal(
    sink.answer(3)?.error?.message,
    'Unknown tool "ebpf_load"; here it is "load_program"',
  );
  assert.deepEqual(sink.answer("s")?.result, {});
  assert.ok(sink.answer(6)?.result?.tools);
  assert.equal(released, 1);
});

Deno.test("StdioTransport gives the same answers however the bytes are cut", async () => {
  const whole = answersOf((await serve([hostile])).sink);
  const places = fc.array(fc.integer({ min: 0, max: hostile.length }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(places, fc.integer({ min: 1, max: 50 }), async (cuts, mostBytes) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), hostile.length];
      const chunks = ends.slice(1).map((end, i) => hostile.subarray(ends[i], end));
      const { sink } = await serve(chunks, new LineSink(mostBytes * 20));
      assert.deepEqual(answersOf(sink), whole);
    }),
    { numRuns: 25 },
  );
});

Deno.test("StdioTransport writes nothing that a terminal would obey", async () => {
  const { sink } = await serve([hostile]);
  assert.doesNotMatch(sink.text, /(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
  const answer = sink.answer(1)?.result?.structuredContent;
  assert.equal(JSON.stringify(answer).includes("é\u2028\u009b"), true);
});

Deno.test("StdioTransport answers a line of 20 MiB with its id and goes on", async () => {
  const chunk = new Uint8Array(64 * 1024).fill(120);
  const { sink } = await serve([
    lines(initialize),
    encoder.encode('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"'),
    ...new Array(320).fill(chunk),
    encoder.encode('"}}\n'),
    lines(request(2, "ping")),
  ]);
  assert.equal(sink.answer(1)?.error?.code, -32600);
  assert.deepEqual(sink.answer(2)?.result, {});
});

Deno.test("StdioTransport answers requests in parallel, each by its id", async () => {
  const calls = Array.from(
    { length: 40 },
    (_, i) => request(i + 1, "tools/call", { name: "echo", arguments: { text: `t${i}` } }),
  );
  const { sink } = await serve([lines(initialize, ...calls)]);
  for (let i = 0; i < 40; i++) {
    const content: unknown = sink.answer(i + 1)?.result?.structuredContent;
    assert.match(JSON.stringify(content), new RegExp(`"text":"t${i}"`));
  }
});

Deno.test("serveStdio drops a request that still runs at the end of input", async () => {
  const started = performance.now();
  const { sink, released } = await serve([
    lines(initialize, request(1, "tools/call", { name: "stream_events" })),
    lines(request(2, "tools/call", { name: "echo", arguments: { text: "quick" } })),
  ]);
  assert.ok(sink.answer(2), "what is nearly done is answered");
  assert.equal(released, 1);
  assert.ok(performance.now() - started < 1_500);
});

Deno.test("serveStdio ends and releases when the output is closed", async () => {
  const sink = new LineSink();
  sink.isClosed = true;
  const services = sampleServices(configure());
  await serveStdio({
    connection: LateConnection.of(new Connection(registry, services)),
    input: new ChunkReader([lines(initialize)], "stay open"),
    output: sink,
    ending: new AbortController().signal,
  });
  assert.equal(services.released(), 1);
});

Deno.test("serveStdio ends and releases when it is told to", async () => {
  const end = new AbortController();
  const services = sampleServices(configure());
  const input = new ChunkReader([lines(initialize)], "stay open");
  const serving = serveStdio({
    connection: LateConnection.of(new Connection(registry, services)),
    input,
    output: new LineSink(),
    ending: end.signal,
  });
  end.abort();
  await serving;
  assert.equal(services.released(), 1);
});

Deno.test("StdioTransport answers what still runs when the input ends", async () => {
  const call = request(1, "tools/call", { name: "stream_events", arguments: {} });
  const stuck = request(2, "tools/call", { name: "deaf", arguments: {} });
  const { sink, released } = await serve([lines(initialize, call, stuck)]);
  assert.match(JSON.stringify(sink.answer(1)?.result), /deadline_exceeded|maximum/);
  assert.ok(sink.answer(2) !== undefined, "not even what is deaf goes unanswered");
  assert.equal(released, 1);
});

Deno.test("serveStdio waits at the end of input for no answer that was cancelled", async () => {
  const { sink } = await serve([
    lines(initialize, request(1, "tools/call", { name: "stream_events" })),
    lines({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } }),
  ]);
  assert.equal(sink.answer(1), undefined, "what was cancelled is not answered");
});
