// stream_events, read_stream and stop_stream through the registry, over real rings.
import assert from "node:assert/strict";
import * as z from "zod";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { streamAnswerShape } from "../../src/tools/stream_answer.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, mapId, runProgram } from "../support/loaded.ts";
import type { ObjectName } from "../support/objects.ts";
import { type CallOptions, ToolSession } from "../support/tool_calls.ts";
import { Trigger } from "../support/trigger.ts";

const answerSchema = z.object(streamAnswerShape);
type Answer = z.output<typeof answerSchema>;

/** An object that the session owns, and calls of the stream tools on it. */
class Fixture implements AsyncDisposable {
  private constructor(readonly tools: ToolSession, readonly object: LoadedObject) {}

  static async open(
    name: ObjectName,
    globals: Readonly<Record<string, unknown>>,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Fixture> {
    const tools = new ToolSession(settings);
    const object = await load(name, globals);
    await tools.session.objects.add(object.objectId, object);
    return new Fixture(tools, object);
  }

  get mapId(): number {
    return mapId(this.object, "events");
  }

  async call(name: string, args: unknown, options?: CallOptions): Promise<Answer> {
    const answer = answerSchema.parse(await this.tools.call(name, args, options));
    const { received, returned, aggregated, filtered, dropped } = answer;
    assert.equal(received, returned + aggregated + filtered + dropped.ours);
    return answer;
  }

  stream(args: Record<string, unknown>, options?: CallOptions): Promise<Answer> {
    return this.call("stream_events", { map_id: this.mapId, ...args }, options);
  }

  /** Attaches every program as its section says. */
  async attachAll(): Promise<void> {
    for (const { info } of this.object.programs) {
      const attachment = { type: "auto" };
      await this.tools.call("attach_program", { program_id: info.id, attachment });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tools[Symbol.asyncDispose]();
  }
}

kernelTest("stream_events: gives decoded events and a complete account", async () => {
  await using fixture = await Fixture.open("flood", { burst: 5 });
  runProgram(fixture.object, "produce");
  const answer = await fixture.stream({ duration_ms: 50 });
  assert.equal(answer.events.length, 5);
  assert.deepEqual(answer.events.map(({ number }) => number), [0, 1, 2, 3, 4]);
  assert.equal(answer.events[0].pid, Deno.pid);
  assert.deepEqual(answer.dropped, { ours: 0, kernel: 0 });
  assert.deepEqual(answer.event_types, [{ name: "flood_event", size: 64 }]);
  assert.equal(answer.ended_by, "duration");
  assert.equal(answer.complete, true);
  assert.equal(answer.next_cursor, null);
});

kernelTest("stream_events: ends a page at the byte budget and keeps the rest", async () => {
  await using fixture = await Fixture.open("flood", { burst: 300 });
  runProgram(fixture.object, "produce");
  let answer = await fixture.stream({ max_events: 300 });
  assert.equal(answer.truncated, true);
  const { stream_id } = answer;
  let seen = 0;
  for (;;) {
    const bytes = new TextEncoder().encode(JSON.stringify(answer)).length;
    assert.ok(bytes <= 8192, `${bytes} bytes`);
    for (const { number } of answer.events) assert.equal(number, seen++);
    const cursor = answer.next_cursor;
    if (cursor === null) break;
    answer = await fixture.call("read_stream", { stream_id, cursor });
  }
  assert.equal(seen, 300);
  assert.equal(answer.complete, true);
});

kernelTest("stream_events: gives bytes as hex and base64", async () => {
  await using fixture = await Fixture.open("flood", { burst: 1 });
  runProgram(fixture.object, "produce");
  const raw = await fixture.stream({ max_events: 1, format: "raw" });
  assert.match(String(raw.events[0].hex), /^[0-9a-f]{128}$/);
  runProgram(fixture.object, "produce");
  const base64 = await fixture.stream({ max_events: 1, format: "base64" });
  assert.equal(Uint8Array.fromBase64(String(base64.events[0].base64)).length, 64);
});

kernelTest("stream_events: names the type where a ring has several", async () => {
  await using fixture = await Fixture.open("two_events", { burst: 3 });
  runProgram(fixture.object, "produce");
  const answer = await fixture.stream({ max_events: 3 });
  const types = answer.events.map(({ event_type }) => event_type);
  assert.deepEqual(types, ["tick_event", "shape_event", "shape_event"]);
});

kernelTest("stream_events: gives hex and candidates where sizes tell nothing", async () => {
  await using trigger = await Trigger.start();
  await using fixture = await Fixture.open("dup_event_sizes", { target_pid: trigger.pid });
  await fixture.attachAll();
  await trigger.run("getppid 1");
  const answer = await fixture.stream({ max_events: 2 });
  assert.deepEqual(answer.event_types.map(({ name }) => name), ["left_event", "right_event"]);
  assert.equal(answer.undecoded, 2);
  for (const { event_type, hex } of answer.events) {
    assert.equal(event_type, null);
    assert.match(String(hex), /^[0-9a-f]{16}$/);
  }
  await assert.rejects(fixture.stream({ filters: { pid: 1 } }), { code: "unknown_field" });
  await trigger.run("getppid 1");
  const named = await fixture.stream({ max_events: 2, event_type: "struct left_event" });
  assert.deepEqual(named.events[0], { pid: trigger.pid, left: 1 });
});

kernelTest("stream_events: tells three types apart by their size alone", async () => {
  await using trigger = await Trigger.start();
  await using fixture = await Fixture.open("three_events", { target_pid: trigger.pid });
  await fixture.attachAll();
  await trigger.run("getpgid 1");
  await trigger.run("getsid 1");
  await trigger.run("getppid 1");
  const answer = await fixture.stream({ max_events: 3 });
  const types = answer.events.map(({ event_type }) => event_type);
  assert.deepEqual(types, ["group_event", "session_event", "call_event"]);
  assert.ok(answer.events.every(({ pid }) => pid === trigger.pid));
  await trigger.run("getsid 1");
  await trigger.run("getppid 1");
  const filters = { min_timestamp_ns: 1 }; // only sessions have a time
  const sessions = await fixture.stream({ duration_ms: 50, filters });
  assert.deepEqual([sessions.returned, sessions.filtered], [1, 1]);
});

kernelTest("stream_events: filters by fields and counts what it filtered", async () => {
  await using fixture = await Fixture.open("flood", { burst: 10 });
  const table: [filters: Record<string, unknown>, passing: number][] = [
    [{ pid: Deno.pid }, 10],
    [{ pid: 1 }, 0],
    [{ comm: "nobody" }, 0],
    [{ min_timestamp_ns: 1 }, 10],
    [{ min_timestamp_ns: "18446744073709551615" }, 0],
    [{ where: [{ field: "low", op: "lt", value: 3 }] }, 3],
    [{ pid: Deno.pid, where: [{ field: "negative", op: "eq", value: 0 }] }, 1],
  ];
  for (const [filters, passing] of table) {
    await using fresh = await Fixture.open("flood", { burst: 10 });
    runProgram(fresh.object, "produce");
    const answer = await fresh.stream({ duration_ms: 20, filters });
    assert.deepEqual([answer.returned, answer.filtered], [passing, 10 - passing]);
  }
  await assert.rejects(
    fixture.stream({ filters: { where: [{ field: "nothing", op: "eq", value: 1 }] } }),
    (error: { code: string; context: { event_types: unknown } }) => {
      assert.equal(error.code, "unknown_field");
      assert.match(JSON.stringify(error.context.event_types), /timestamp_ns.*number.*comm/);
      return true;
    },
  );
});

kernelTest("stream_events: reads in the background until it is stopped", async () => {
  await using fixture = await Fixture.open("flood", { burst: 4 });
  const { stream_id, ended_by, next_cursor } = await fixture.stream({ background: true });
  assert.equal(ended_by, null);
  assert.ok(next_cursor);
  runProgram(fixture.object, "produce");
  const first = await fixture.call("read_stream", { stream_id, wait_ms: 5_000 });
  assert.equal(first.events.length, 4);
  runProgram(fixture.object, "produce");
  const last = await fixture.call("stop_stream", { stream_id });
  assert.deepEqual([last.ended_by, last.pending, last.complete], ["stopped", 4, false]);
  const rest = await fixture.call("read_stream", { stream_id });
  assert.deepEqual([rest.events.length, rest.received, rest.complete], [4, 8, true]);
});

kernelTest("read_stream: gives each event once, also to a cursor that was used", async () => {
  await using fixture = await Fixture.open("flood", { burst: 4 });
  runProgram(fixture.object, "produce");
  const { stream_id } = await fixture.stream({ background: true });
  const { next_cursor: cursor } = await fixture.call("read_stream", { stream_id, limit: 1 });
  const answer = await fixture.call("read_stream", { stream_id, cursor, limit: 2 });
  assert.deepEqual(answer.events.map(({ number }) => number), [1, 2]);
  await assert.rejects(fixture.call("read_stream", { stream_id, cursor }), {
    code: "invalid_cursor",
  });
});

kernelTest("read_stream: gives a cursor's events to one of two that wait with it", async () => {
  await using fixture = await Fixture.open("flood", { burst: 4 });
  const { stream_id, next_cursor: cursor } = await fixture.stream({ background: true });
  const reads = [1, 2].map(() => {
    return fixture.call("read_stream", { stream_id, cursor, limit: 2, wait_ms: 10_000 });
  });
  const both = Promise.allSettled(reads);
  await new Promise((resolve) => setTimeout(resolve, 50));
  runProgram(fixture.object, "produce");
  const [first, second] = await both;
  assert.ok(first.status === "fulfilled" && second.status === "rejected");
  assert.deepEqual(first.value.events.map(({ number }) => number), [0, 1]);
  assert.equal(second.reason.code, "invalid_cursor");
});

kernelTest("stream_events: a cancelled stream still gives what it took", async () => {
  await using fixture = await Fixture.open("flood", { burst: 4 });
  runProgram(fixture.object, "produce");
  const abort = new AbortController();
  const announced = Promise.withResolvers<string>();
  const call = fixture.stream({ duration_ms: 60_000 }, {
    signal: abort.signal,
    progress: announced.resolve,
  });
  const stream_id = /^stream-\d+/.exec(await announced.promise)?.[0];
  const cancelled = performance.now();
  abort.abort();
  await assert.rejects(call, { code: "cancelled" });
  assert.ok(performance.now() - cancelled < 200);
  const rest = await fixture.call("read_stream", { stream_id });
  assert.deepEqual([rest.ended_by, rest.events.length], ["cancelled", 4]);
});

kernelTest("stream_events: looks at a foreign ring, and takes it over only as admin", async () => {
  await using owner = await load("flood", { burst: 3 });
  const foreign = { map_id: mapId(owner, "events"), duration_ms: 50 };
  runProgram(owner, "produce");
  await using operator = await Fixture.open("flood", {});
  for (let round = 0; round < 2; round++) {
    const snapshot = await operator.call("stream_events", foreign);
    assert.deepEqual([snapshot.ended_by, snapshot.events.length], ["snapshot", 3]);
    assert.equal(snapshot.events[0].pid, Deno.pid);
    assert.equal(snapshot.dropped.kernel, null);
  }
  const taking = { ...foreign, take_over: true };
  await assert.rejects(operator.call("stream_events", taking), { code: "not_owner" });
  await using admin = await Fixture.open("flood", {}, { role: "admin" });
  assert.equal((await admin.call("stream_events", taking)).events.length, 3);
  assert.equal((await operator.call("stream_events", foreign)).events.length, 0);
});

kernelTest("stream_events: refuses what it cannot read", async () => {
  await using fixture = await Fixture.open("flood", {});
  await using perf = await load("perf_events");
  await using maps = await load("maps");
  const table: [args: Record<string, unknown>, code: string][] = [
    [{}, "invalid_arguments"],
    [{ map_id: 1, program_id: 1 }, "invalid_arguments"],
    [{ map_id: "1" }, "invalid_arguments"],
    [{ map_id: fixture.mapId, duration_ms: -1 }, "invalid_arguments"],
    [{ map_id: fixture.mapId, duration_ms: 1e12 }, "invalid_arguments"],
    [{ map_id: fixture.mapId, max_events: 0 }, "invalid_arguments"],
    [{ map_id: fixture.mapId, surprise: 1 }, "invalid_arguments"],
    [{ map_id: 2 ** 31 - 1 }, "map_not_found"],
    [{ program_id: 2 ** 31 - 1 }, "program_not_found"],
    [{ map_id: maps.maps[0].info.id }, "not_an_event_map"],
    [{ map_id: mapId(perf, "events") }, "not_owner"],
    [{ map_id: fixture.mapId, event_type: "no_such_struct" }, "unknown_event_type"],
  ];
  for (const [args, code] of table) {
    await assert.rejects(fixture.call("stream_events", args), { code }, JSON.stringify(args));
  }
  await assert.rejects(fixture.call("read_stream", { stream_id: "stream-9" }), {
    code: "stream_not_found",
  });
});

kernelTest("stream_events: finds the event map of a program", async () => {
  await using fixture = await Fixture.open("flood", { burst: 2 });
  runProgram(fixture.object, "produce");
  const [{ info }] = fixture.object.programs;
  const answer = await fixture.call("stream_events", { program_id: info.id, max_events: 2 });
  assert.deepEqual([answer.map_id, answer.events.length], [fixture.mapId, 2]);
});
