// Streams over real rings and perf buffers: every record is accounted for.
import assert from "node:assert/strict";
import { findStreamSource } from "../../src/session/find_stream_source.ts";
import type { EventStream } from "../../src/session/stream.ts";
import type { StreamOptions } from "../../src/session/stream_options.ts";
import { Streams } from "../../src/session/streams.ts";
import { Poller } from "../../src/kernel/poller.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, mapId, runProgram } from "../support/loaded.ts";

const never = new AbortController().signal;

function startStream(
  streams: Streams,
  object: LoadedObject,
  options: Partial<StreamOptions> = {},
): EventStream {
  const source = findStreamSource([object], { mapId: mapId(object, "events") });
  return streams.start(source, { mode: "consume", format: "json", ...options });
}

/** All events that wait now, decoded. */
function take(stream: EventStream): unknown[] {
  const events: unknown[] = [];
  stream.read((event) => {
    events.push(event.decode());
    return true;
  });
  return events;
}

function accountedFor(stream: EventStream): void {
  const { received, returned, aggregated, filtered, dropped } = stream.counts;
  assert.equal(received, returned + aggregated + filtered + dropped.ours);
}

kernelTest("EventStream: accounts for 1,000,000 events read in the background", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  const burst = 20_000;
  const rounds = 50;
  await using object = await load("flood", { burst });
  const stream = startStream(streams, object);
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    runProgram(object, "produce");
    const until = (round + 1) * burst;
    while (next < until) {
      await stream.waitForEvents(5_000, never);
      assert.ok(stream.counts.pending > 0, `event ${next} never came`);
      stream.read(({ record }) => {
        const view = new DataView(record.bytes.buffer, record.offset, record.length);
        assert.equal(Number(view.getBigUint64(8, true)), next++);
        return true;
      });
    }
  }
  stream.stop("stopped");
  accountedFor(stream);
  assert.equal(stream.counts.returned, rounds * burst);
  assert.deepEqual(stream.counts.dropped, { ours: 0, kernel: 0n });
  assert.equal(stream.complete, true);
});

kernelTest("EventStream: counts what the kernel dropped, from its start on", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("flood", { burst: 100_000 }); // the ring holds 58,254
  runProgram(object, "produce");
  const before = object.droppedCount();
  assert.ok(before !== null && before > 0n);
  const stream = startStream(streams, object);
  runProgram(object, "produce");
  stream.stop("stopped");
  const { dropped } = stream.counts;
  assert.equal(dropped.kernel, (object.droppedCount() ?? 0n) - before);
  assert.equal(stream.complete, false);
});

kernelTest("EventStream: drops the oldest when nobody reads, and counts them", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  const burst = 50_000;
  await using object = await load("flood", { burst });
  const stream = startStream(streams, object);
  for (let round = 0; round < 4; round++) {
    runProgram(object, "produce");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stream.stop("stopped");
  const dropped = stream.counts.dropped.ours;
  assert.ok(dropped > 0);
  const events = take(stream);
  assert.equal(events.length + dropped, 4 * burst);
  assert.equal(Reflect.get(Object(events[0]), "number"), dropped);
  accountedFor(stream);
});

kernelTest("EventStream: tells two event types apart and filters each by its fields", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("two_events", { burst: 9 });
  const all = startStream(streams, object);
  runProgram(object, "produce");
  all.stop("stopped");
  const types: (string | null)[] = [];
  all.read((event) => {
    types.push(event.type?.name ?? null);
    return true;
  });
  const period = ["tick_event", "shape_event", "shape_event"];
  assert.deepEqual(types, [...period, ...period, ...period]);

  const ticks = startStream(streams, object, { filters: { pid: Deno.pid } });
  runProgram(object, "produce");
  ticks.stop("stopped");
  assert.equal(take(ticks).length, 3);
  assert.equal(ticks.counts.filtered, 6); // shapes have no pid
  accountedFor(ticks);
  assert.throws(() => startStream(streams, object, { filters: { min_timestamp_ns: 1 } }), {
    code: "unknown_field",
  });
});

kernelTest("EventStream: ends at max_events and leaves the others in the ring", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("flood", { burst: 100 });
  const stream = startStream(streams, object, { maxEvents: 30 });
  runProgram(object, "produce");
  await stream.waitForEnd(5_000, never);
  assert.equal(stream.end, "max_events");
  assert.equal(take(stream).length, 30);
  const rest = startStream(streams, object);
  rest.stop("stopped");
  assert.equal(take(rest).length, 70);
});

kernelTest("EventStream: ends after its duration", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("flood", { burst: 10 });
  const stream = startStream(streams, object, { durationMs: 30 });
  runProgram(object, "produce");
  await stream.waitForEnd(5_000, never);
  assert.equal(stream.end, "duration");
  assert.equal(stream.counts.pending, 10);
});

kernelTest("EventStream: a snapshot takes nothing from the ring's owner", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("flood", { burst: 25 });
  runProgram(object, "produce");
  const source = findStreamSource([], { mapId: mapId(object, "events") });
  using _map = source.map;
  assert.equal(source.owner, "foreign");
  const snapshot = streams.start(source, { mode: "snapshot", format: "json" });
  assert.equal(snapshot.end, "snapshot");
  const seen = take(snapshot);
  assert.equal(seen.length, 25);
  const owner = startStream(streams, object);
  owner.stop("stopped");
  assert.deepEqual(take(owner), seen);
});

kernelTest("Streams: refuses a second reader of a map", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("flood");
  startStream(streams, object);
  assert.throws(() => startStream(streams, object), { code: "map_in_use" });
});

kernelTest("Streams: ends the streams of released maps and keeps their rest", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("flood", { burst: 5 });
  const stream = startStream(streams, object);
  runProgram(object, "produce");
  streams.release([mapId(object, "events")]);
  assert.equal(stream.end, "released");
  assert.equal(streams.get(stream.id), stream);
  assert.equal(take(stream).length, 5);
});

kernelTest("EventStream: reads perf events of every CPU and knows whose they are", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  await using object = await load("perf_events", { burst: 6 });
  const stream = startStream(streams, object);
  const cpus = Array.from({ length: navigator.hardwareConcurrency }, (_, cpu) => cpu);
  for (const cpu of cpus) runProgram(object, "produce", cpu);
  await stream.waitForEvents(5_000, never);
  stream.stop("stopped");
  const seen = new Map<number, (string | null)[]>();
  stream.read(({ record, type, decode }) => {
    assert.equal(Reflect.get(Object(decode()), "cpu"), record.cpu);
    seen.set(record.cpu, [...seen.get(record.cpu) ?? [], type?.name ?? null]);
    return true;
  });
  assert.deepEqual([...seen.keys()].sort(), cpus);
  const period = ["count_event", "name_event"];
  for (const types of seen.values()) {
    assert.deepEqual(types, [...period, ...period, ...period]);
  }
  assert.deepEqual(stream.counts.dropped, { ours: 0, kernel: 0n });
});

kernelTest("EventStream: counts perf events that the kernel lost once", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  const burst = 200;
  await using object = await load("perf_events", { burst });
  const stream = startStream(streams, object);
  const rounds = 50;
  for (let round = 0; round < rounds; round++) runProgram(object, "produce", 0);
  stream.stop("stopped");
  const { pending, dropped } = stream.counts;
  assert.ok(dropped.kernel !== null && dropped.kernel > 0n);
  assert.equal(BigInt(pending) + dropped.kernel, BigInt(rounds * burst));
});

kernelTest("EventStream: takes all that is in the ring when it is stopped", async () => {
  await using poller = new Poller();
  await using streams = new Streams(poller);
  const burst = 600_000;
  await using object = await load("small_records", { burst });
  const stream = startStream(streams, object, { format: "raw" });
  runProgram(object, "produce");
  stream.stop("stopped");
  let read = 0;
  stream.read(() => ++read > 0);
  const { received, dropped } = stream.counts;
  accountedFor(stream);
  assert.equal(received, burst);
  assert.equal(read + dropped.ours, burst);
  assert.equal(dropped.kernel, 0n);
});
