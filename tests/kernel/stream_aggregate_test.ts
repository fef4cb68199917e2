// Sums over real rings, through the tools: every event in exactly one answer.
import assert from "node:assert/strict";
import * as z from "zod";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { streamAnswerShape } from "../../src/tools/stream_answer.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, mapId, runProgram } from "../support/loaded.ts";
import type { ObjectName } from "../support/objects.ts";
import { type CallOptions, ToolSession } from "../support/tool_calls.ts";

const answerSchema = z.object(streamAnswerShape);
type Answer = z.output<typeof answerSchema>;

class Fixture implements AsyncDisposable {
  private constructor(readonly tools: ToolSession, readonly object: LoadedObject) {}

  static async open(name: ObjectName, globals: Record<string, unknown>): Promise<Fixture> {
    const tools = new ToolSession();
    const object = await load(name, globals);
    await tools.session.objects.add(object.objectId, object);
    return new Fixture(tools, object);
  }

  produce(): void {
    runProgram(this.object, "produce");
  }

  async ask(name: string, args: unknown, options?: CallOptions): Promise<Answer> {
    const answer = answerSchema.parse(await this.tools.call(name, args, options));
    const { received, returned, aggregated, filtered, dropped } = answer;
    assert.equal(received, returned + aggregated + filtered + dropped.ours);
    return answer;
  }

  stream(args: Record<string, unknown>, options?: CallOptions): Promise<Answer> {
    return this.ask("stream_events", { map_id: mapId(this.object, "events"), ...args }, options);
  }

  read(stream_id: string, args: Record<string, unknown> = {}): Promise<Answer> {
    return this.ask("read_stream", { stream_id, wait_ms: 0, ...args });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tools[Symbol.asyncDispose]();
  }
}

kernelTest("stream_events: sums up as events come, with a few samples", async () => {
  await using fixture = await Fixture.open("flood", { burst: 1000 });
  fixture.produce();
  const compute = [
    { op: "count" },
    { op: "sum", field: "number" },
    { op: "max", field: "high" },
    { op: "p50", field: "low" },
  ];
  const answer = await fixture.stream({
    duration_ms: 100,
    aggregate: { by: ["pid"], compute },
    fields: ["number"],
  });
  const { aggregate, samples, aggregated, returned, events, complete } = answer;
  assert.deepEqual([aggregated, returned, events, complete], [1000, 0, [], true]);
  assert.deepEqual(aggregate?.rows, [{
    pid: Deno.pid,
    count: 1000,
    sum_number: 499_500,
    max_high: 999 * 2 ** 40,
    p50_low: 124,
  }]);
  assert.deepEqual([aggregate.groups, aggregate.events, aggregate.other], [1, 1000, null]);
  assert.deepEqual(samples?.map(({ number }) => number), [0, 1, 127, 255, 511]);
  assert.deepEqual(Object.keys(samples?.[0] ?? {}), ["number"]);
});

kernelTest("read_stream: gives each sum once, and the last one after the end", async () => {
  await using fixture = await Fixture.open("flood", { burst: 300 });
  const { stream_id } = await fixture.stream({ aggregate: {}, background: true });
  const seen: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    fixture.produce();
    seen.push((await fixture.read(stream_id, { wait_ms: 300 })).aggregate?.events);
  }
  fixture.produce();
  const { aggregate, next_cursor, complete } = await fixture.ask("stop_stream", { stream_id });
  seen.push(aggregate?.events);
  assert.deepEqual(seen, [300, 300, 300, 300]);
  assert.deepEqual([next_cursor, complete], [null, true]);
  const rest = await fixture.read(stream_id);
  assert.deepEqual([rest.aggregate?.events, rest.aggregated, rest.received], [0, 1200, 1200]);
});

kernelTest("read_stream: refuses a cursor from before a sum was taken", async () => {
  await using fixture = await Fixture.open("flood", { burst: 10 });
  const { stream_id, next_cursor } = await fixture.stream({ aggregate: {}, background: true });
  fixture.produce();
  const cursor = next_cursor;
  const first = await fixture.read(stream_id, { cursor, wait_ms: 300 });
  assert.equal(first.aggregate?.events, 10);
  await assert.rejects(fixture.read(stream_id, { cursor }), { code: "invalid_cursor" });
  assert.equal((await fixture.read(stream_id, { cursor: first.next_cursor })).aggregated, 10);
});

kernelTest("read_stream: sums up what waits, tests it and projects it, each once", async () => {
  await using fixture = await Fixture.open("flood", { burst: 100 });
  const { stream_id } = await fixture.stream({ background: true });
  const produce = async () => {
    fixture.produce();
    for (let rounds = 0; rounds < 100; rounds++) {
      const [stream] = fixture.tools.session.streams.values();
      if (stream.counts.pending === 100) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await produce();
  const where = [{ field: "number", op: "ge", value: 40 }];
  const sum = await fixture.read(stream_id, { where, aggregate: { by: ["comm"] } });
  assert.deepEqual([sum.aggregated, sum.filtered, sum.pending], [60, 40, 0]);
  assert.equal(sum.aggregate?.rows[0].count, 60);
  await produce();
  const odd = await fixture.read(stream_id, {
    where: [{ field: "number", op: "lt", value: 103 }],
    fields: ["number", "cpu"],
    limit: 2,
  });
  assert.deepEqual(odd.events.map((event) => Object.keys(event)), [
    ["number", "cpu"],
    ["number", "cpu"],
  ]);
  assert.deepEqual(odd.events.map(({ number }) => number), [100, 101]);
  const rest = await fixture.read(stream_id, { where: [{ field: "cpu", op: "lt", value: 0 }] });
  assert.deepEqual([rest.events, rest.returned, rest.filtered], [[], 2, 138]);
  assert.equal(rest.received, 200);
});

kernelTest("stream_events: a cancelled sum can still be read, once", async () => {
  await using fixture = await Fixture.open("flood", { burst: 50 });
  fixture.produce();
  const controller = new AbortController();
  const messages: string[] = [];
  const progress = (message: string) => {
    messages.push(message);
    setTimeout(() => controller.abort(new DOMException("enough", "AbortError")), 100);
  };
  const { signal } = controller;
  const running = fixture.stream({ aggregate: {}, duration_ms: 10_000 }, { signal, progress });
  await assert.rejects(running);
  const [stream_id = ""] = /^stream-\d+/.exec(messages[0]) ?? [];
  const answer = await fixture.read(stream_id);
  assert.deepEqual([answer.ended_by, answer.aggregate?.events], ["cancelled", 50]);
  assert.equal((await fixture.read(stream_id)).aggregate?.events, 0);
});

kernelTest("read_stream: a stop while it waits ends the wait and gives one sum", async () => {
  await using fixture = await Fixture.open("flood", { burst: 20 });
  const { stream_id } = await fixture.stream({ aggregate: {}, background: true });
  fixture.produce();
  const reading = fixture.read(stream_id, { wait_ms: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stopped = await fixture.ask("stop_stream", { stream_id });
  const read = await reading;
  const events = [stopped, read].map(({ aggregate }) => aggregate?.events);
  assert.deepEqual(events.sort(), [0, 20]);
});

kernelTest("stream_events: events of types that lack a field count as filtered", async () => {
  await using fixture = await Fixture.open("two_events", { burst: 9 });
  fixture.produce();
  const answer = await fixture.stream({ duration_ms: 50, aggregate: { by: ["pid"] } });
  assert.deepEqual([answer.aggregated, answer.filtered], [3, 6]);
  fixture.produce();
  const all = await fixture.stream({ duration_ms: 50, aggregate: {} });
  assert.deepEqual(all.aggregate?.rows, [{ count: 9 }]);
});

kernelTest("stream_events: sums up perf events of every CPU", async () => {
  await using fixture = await Fixture.open("perf_events", { burst: 6 });
  const aggregate = { by: ["cpu"] };
  const { stream_id } = await fixture.stream({ background: true, aggregate });
  const cpus = Array.from({ length: navigator.hardwareConcurrency }, (_, cpu) => cpu);
  for (const cpu of cpus) runProgram(fixture.object, "produce", cpu);
  const answer = await fixture.ask("stop_stream", { stream_id });
  assert.equal(answer.received, 6 * cpus.length);
  const rows = answer.aggregate?.rows ?? [];
  assert.deepEqual(rows.map(({ cpu }) => cpu).sort(), cpus);
});

kernelTest("stream_events: ends a sum at max_events", async () => {
  await using fixture = await Fixture.open("flood", { burst: 100 });
  fixture.produce();
  const answer = await fixture.stream({ aggregate: {}, max_events: 30, duration_ms: 5_000 });
  assert.deepEqual([answer.ended_by, answer.aggregate?.events], ["max_events", 30]);
});

kernelTest("stream_events: keeps a sum of many groups within the byte budget", async () => {
  await using fixture = await Fixture.open("flood", { burst: 20_000 });
  fixture.produce();
  const compute = ["sum", "min", "max", "p99", "hist"].map((op) => ({ op, field: "high" }));
  const answer = await fixture.stream({
    duration_ms: 200,
    aggregate: { by: ["number"], compute, top: 1000 },
  });
  const bytes = new TextEncoder().encode(JSON.stringify(answer)).length;
  assert.ok(bytes <= 8192, `${bytes} bytes`);
  const { aggregate } = answer;
  assert.ok(aggregate !== null && aggregate !== undefined);
  assert.deepEqual([aggregate.groups, aggregate.events], [10_000, 20_000]);
  assert.ok(aggregate.other !== null && "hist_high" in aggregate.other);
  assert.equal(aggregate.rows.length + aggregate.unlisted.groups, 10_000);
  assert.equal(answer.truncated, true);
  assert.equal(answer.next_cursor, null);
});

kernelTest("stream_events: refuses sums and fields that the events do not have", async () => {
  await using fixture = await Fixture.open("flood", {});
  await using untyped = await Fixture.open("small_records", {});
  const table: [args: Record<string, unknown>, code: string][] = [
    [{ aggregate: { by: ["nope"] } }, "unknown_field"],
    [{ aggregate: { compute: [{ op: "sum", field: "comm" }] } }, "invalid_arguments"],
    [{ aggregate: { compute: [{ op: "sum" }] } }, "invalid_arguments"],
    [{ aggregate: { compute: [{ op: "median", field: "low" }] } }, "invalid_arguments"],
    [{ aggregate: { by: Array.from({ length: 9 }, (_, n) => `f${n}`) } }, "invalid_arguments"],
    [{ aggregate: { sort: "nope" } }, "invalid_arguments"],
    [{ fields: ["nope"] }, "unknown_field"],
    [{ fields: ["pid"], format: "raw" }, "invalid_arguments"],
  ];
  for (const [args, code] of table) {
    await assert.rejects(fixture.stream(args), { code }, JSON.stringify(args));
  }
  const huge = { op: "hist", field: "high", scale: "linear", step: Number.MAX_SAFE_INTEGER };
  await fixture.stream({ duration_ms: 10, aggregate: { compute: [huge] } });
  await assert.rejects(untyped.stream({ aggregate: { by: ["pid"] } }), { code: "unknown_field" });
  const { stream_id } = await fixture.stream({ background: true, aggregate: {} });
  for (const args of [{ aggregate: {} }, { where: [] }]) {
    await assert.rejects(fixture.read(stream_id, args), { code: "invalid_arguments" });
  }
});
