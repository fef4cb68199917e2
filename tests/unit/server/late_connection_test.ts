import assert from "node:assert/strict";
import { Connection } from "../../../src/server/connection.ts";
import { LateConnection } from "../../../src/server/late_connection.ts";
import { Registry } from "../../../src/server/registry.ts";
import { serveStdio } from "../../../src/server/serve_stdio.ts";
import { ChunkReader, initialize, lines, LineSink, request } from "./pipes.ts";
import { configure, sampleServices, sampleTools } from "./sample_tools.ts";

const registry = new Registry(sampleTools);
const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
const text = (text: string) => ({ name: "echo", arguments: { text } });

/** A server whose tools are loaded when `loading` resolves, and how often that was asked for. */
function start(input: ChunkReader, loading: Promise<unknown> = Promise.resolve()) {
  const sink = new LineSink();
  const services = sampleServices(configure());
  const end = new AbortController();
  let loads = 0;
  const connection = new LateConnection(registry.offers, configure(), async () => {
    loads++;
    await loading;
    return new Connection(registry, services);
  });
  const served = serveStdio({ connection, input, output: sink, ending: end.signal });
  return { sink, end, served, loads: () => loads, released: () => services.released() };
}

Deno.test("LateConnection loads nothing for initialize and ping", async () => {
  const input = new ChunkReader([lines(initialize, initialized, request(1, "ping"))]);
  const { sink, served, loads, released } = start(input);
  await served;
  assert.ok(sink.answer(1)?.result !== undefined);
  assert.deepEqual([loads(), released()], [0, 0]);
});

Deno.test("LateConnection answers initialize as a whole server does", async () => {
  const late = start(new ChunkReader([lines(initialize)]));
  await late.served;
  const sink = new LineSink();
  await serveStdio({
    connection: LateConnection.of(new Connection(registry, sampleServices(configure()))),
    input: new ChunkReader([lines(initialize)]),
    output: sink,
    ending: new AbortController().signal,
  });
  assert.deepEqual(late.sink.messages, sink.messages);
});

Deno.test("LateConnection keeps requests in order while it loads, and loads once", async () => {
  const loading = Promise.withResolvers<void>();
  const calls = [1, 2, 3].map((id) => request(id, "tools/call", text(`${id}`)));
  const { sink, served, loads, released } = start(
    new ChunkReader([lines(initialize, initialized, ...calls), lines(request(4, "ping"))]),
    loading.promise,
  );
  setTimeout(loading.resolve, 300); // longer than the end of input waits for answers
  await served;
  const answered = sink.messages.map(({ id }) => id).filter((id) => typeof id === "number");
  assert.deepEqual(answered.slice(-4).sort(), [1, 2, 3, 4]);
  for (const id of [1, 2, 3, 4]) assert.ok(sink.answer(id)?.result !== undefined, `${id}`);
  assert.deepEqual([loads(), released()], [1, 1]);
});

Deno.test("LateConnection that cannot be opened ends the server with the reason", async () => {
  const { served, loads } = start(
    new ChunkReader([lines(initialize, request(1, "tools/list"), request(2, "tools/list"))]),
    Promise.reject(new Error("no kernel here")),
  );
  await assert.rejects(served, /no kernel here/);
  assert.equal(loads(), 1);
});

Deno.test("LateConnection that ends while it loads releases what was loaded", async () => {
  const loading = Promise.withResolvers<void>();
  const input = new ChunkReader([lines(initialize, request(1, "tools/list"))], "stay open");
  const { sink, end, served, released } = start(input, loading.promise);
  await new Promise((resolve) => setTimeout(resolve, 20));
  end.abort();
  loading.resolve();
  await served;
  assert.equal(sink.answer(1), undefined);
  assert.equal(released(), 1);
});
