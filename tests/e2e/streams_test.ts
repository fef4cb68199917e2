// stream_events over objects that no gadget uses: exact counts, both event types, every filter.
import assert from "node:assert/strict";
import type { Fields, Loaded } from "../support/answers.ts";
import { type Arguments, McpSession, type Progress } from "../support/client.ts";
import { accountedFor, readEvents } from "../support/events.ts";
import { assertGone, madeBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { requireError, resource, validation } from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";

const start = () => McpSession.start({ args: ["--role", "operator", "--objects", "/"] });

interface Source {
  readonly object: Loaded;
  readonly map_id: number;
  readonly program_id: number;
}

/** Loads an object for the trigger's process and attaches its tracepoints. */
async function open(
  session: McpSession,
  trigger: Trigger,
  name: ObjectName,
  globals: Arguments = {},
): Promise<Source> {
  const object = await session.load(await buildObject(name), {
    globals: { target_pid: trigger.pid, ...globals },
  });
  const traced = object.programs.filter(({ type }) => type === "tracepoint");
  for (const { program_id } of traced) await session.attach(program_id, { type: "auto" });
  const map = object.maps.find((map) => map.name === "events");
  assert.ok(map !== undefined && traced.length > 0);
  return { object, map_id: map.map_id, program_id: traced[0].program_id };
}

/** Everything that the trigger causes, in one stream. */
async function collect(
  session: McpSession,
  { map_id }: Source,
  args: Arguments,
  fire: () => Promise<void>,
): Promise<{ events: Fields[]; filtered: number; undecoded: number }> {
  const { stream_id } = await session.stream({ map_id, background: true, ...args });
  await fire();
  const { pending } = await session.stop(stream_id);
  const events = await readEvents(session, stream_id, pending);
  const last = await session.read(stream_id, { wait_ms: 0 });
  accountedFor(last);
  assert.equal(last.complete, true);
  assert.equal(last.next_cursor, null);
  assert.deepEqual(last.dropped, { ours: 0, kernel: 0 });
  return { events, filtered: last.filtered, undecoded: last.undecoded };
}

const shape = {
  event_type: "shape_event",
  index: 1,
  greatest: "18446744073709551615",
  least: "-9223372036854775808",
  last_exact: 9007199254740991,
  first_inexact: "-9007199254740992",
  pointer: "0xffff888012345678",
  ratio: -0.25,
  half: 0.5,
  color: "COLOR_GREEN",
  unknown_color: 77,
  flag: 1,
  level: 21,
  delta: -17,
  wide: 1,
  points: [{ x: -1, y: -2, z: 3 }, { x: 2147483647, y: -32768, z: 255 }],
  raw: { word: 0x04030201, bytes: [1, 2, 3, 4] },
  port: 443,
  protocol: 6,
  number: "7521891486978763109", // "eight ch" as a number: both members of the union are shown
  letters: "eight ch",
  name: "shape",
  hostile: '\\x1b[31m"\\x0a\ufffdé\\u{202e}\\x7f\\x9b',
  words: ["first", "second"],
  matrix: [[0, -1, -2], [10, 9, 8]],
  tiny: -128,
  octets: [1, 128, 255],
  yes: true,
  letter: 90,
};

kernelTest("stream_events decodes two event types of one ring, each exactly", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "two_events", { burst: 3 });
  const { events } = await collect(session, source, {}, () => trigger.run("getppid 2"));
  const types = ["tick_event", "shape_event", "shape_event"];
  assert.deepEqual(events.map((event) => event.event_type), [...types, ...types]);
  assert.deepEqual(events.map((event) => event.index), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(events[1], shape);
  const { cpu, ...tick } = events[0];
  assert.deepEqual(tick, { event_type: "tick_event", index: 0, pid: trigger.pid, comm: "trigger" });
  assert.ok(typeof cpu === "number");
});

kernelTest("stream_events tells three event types by their sizes", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "three_events");
  const { events, undecoded } = await collect(session, source, {}, async () => {
    await trigger.run("getsid 2");
    await trigger.run("getpgid 3");
    await trigger.run("getppid 5");
  });
  const counted = Map.groupBy(events, (event) => event.event_type);
  const counts = [...counted].map(([type, those]) => [type, those.length]);
  assert.deepEqual(counts, [["session_event", 2], ["group_event", 3], ["call_event", 5]]);
  assert.equal(undecoded, 0);
  assert.deepEqual(counted.get("call_event")?.map(({ count }) => count), [0, 1, 2, 3, 4]);
  const [session_event] = counted.get("session_event") ?? [];
  assert.deepEqual(session_event.stack, { user: 1, kernel: "18446744073709551615" });
});

kernelTest("stream_events reads a perf event array, with the CPU of each event", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "perf_events", { burst: 2 });
  const { events } = await collect(session, source, {}, () => trigger.run("getppid 10"));
  const byIndex = events.toSorted((a, b) => Number(a.index) - Number(b.index));
  assert.deepEqual(byIndex.map(({ index }) => index), Array.from({ length: 20 }, (_, i) => i));
  for (const { index, square, event_type, label, pid, comm } of byIndex) {
    const even = Number(index) % 2 === 0;
    assert.equal(event_type, even ? "count_event" : "name_event");
    assert.equal(pid, trigger.pid);
    if (even) assert.equal(square, Number(index) ** 2);
    else assert.deepEqual([label, comm], ["odd", "trigger"]);
  }
});

kernelTest("stream_events gives bytes and the candidates for events that look alike", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "dup_event_sizes");
  const fire = () => trigger.run("getppid 1");
  const untold = await collect(session, source, {}, fire);
  assert.equal(untold.undecoded, 2);
  const pid = new DataView(new ArrayBuffer(4));
  pid.setUint32(0, trigger.pid, true);
  const hex = new Uint8Array(pid.buffer).toHex();
  assert.deepEqual(untold.events.map((event) => event.hex), [`${hex}01000000`, `${hex}ffffffff`]);
  const { event_types } = await session.stream({ map_id: source.map_id, duration_ms: 1 });
  assert.deepEqual(event_types.map(({ name }) => name), ["left_event", "right_event"]);
  const { events } = await collect(session, source, { event_type: "right_event" }, fire);
  assert.deepEqual(events.map(({ right }) => right), [1, -1]);
});

kernelTest("stream_events gives raw and base64 records of the same bytes", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "three_events");
  const fire = () => trigger.run("getppid 1");
  const raw = await collect(session, source, { format: "raw" }, fire);
  const base64 = await collect(session, source, { format: "base64" }, fire);
  const [first] = raw.events;
  const bytes = Uint8Array.fromHex(String(first.hex));
  assert.equal(bytes.length, 8);
  const view = new DataView(bytes.buffer);
  assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true)], [trigger.pid, 0]);
  view.setUint32(4, 1, true); // the second event counts one more
  assert.equal(base64.events[0].base64, bytes.toBase64());
});

kernelTest("stream_events passes on what every filter asks for, and counts the rest", async (t) => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "flood", { burst: 10 });
  const fire = () => trigger.run("getppid 1");
  const { events: [first] } = await collect(session, source, {}, fire);
  const now = Number(first.timestamp_ns);
  let number = 10;
  const where = (...conditions: [string, string, unknown][]) => ({
    where: conditions.map(([field, op, value]) => ({ field, op, value })),
  });
  const cases: [what: string, filters: () => Arguments, passes: number][] = [
    ["the pid", () => ({ pid: trigger.pid }), 10],
    ["another pid", () => ({ pid: 1 }), 0],
    ["the comm", () => ({ comm: "trigger" }), 10],
    ["another comm", () => ({ comm: "trigge" }), 0],
    ["a CPU that is not there", () => ({ cpu: 4000 }), 0],
    ["a time in the past", () => ({ min_timestamp_ns: now }), 10],
    ["a time in the past as text", () => ({ min_timestamp_ns: String(now) }), 10],
    ["a time far ahead", () => ({ min_timestamp_ns: "18446744073709551615" }), 0],
    ["one number", () => where(["number", "eq", number + 3]), 1],
    ["all but one number", () => where(["number", "ne", number + 3]), 9],
    ["numbers from on", () => where(["number", "ge", number + 4]), 6],
    ["a range", () => where(["number", "gt", number + 2], ["number", "lt", number + 5]), 2],
    ["a negative number", () => where(["negative", "le", -(number + 7)]), 3],
    ["a part of a text", () => where(["comm", "contains", "igg"]), 10],
    ["the beginning of a text", () => where(["comm", "prefix", "trig"]), 10],
    ["all together", () => ({ pid: trigger.pid, ...where(["number", "eq", number]) }), 1],
  ];
  for (const [what, filters, passes] of cases) {
    await t.step(what, async () => {
      const got = await collect(session, source, { filters: filters() }, fire);
      number += 10;
      assert.equal(got.events.length, passes);
      assert.equal(got.filtered, 10 - passes);
    });
  }
});

kernelTest("stream_events refuses a filter that no event can answer, with its fields", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const ticks = await open(session, trigger, "two_events");
  const flood = await open(session, trigger, "flood");
  const refuse = (map_id: number, filters: Arguments, rest: Arguments = {}) =>
    session.refusal("stream_events", { map_id, filters, ...rest });
  const where = (field: string, op: string, value: unknown) => ({ where: [{ field, op, value }] });
  const unknown = validation("unknown_field");
  requireError(await refuse(ticks.map_id, { min_timestamp_ns: 1 }), unknown);
  const error = await refuse(flood.map_id, where("absent", "eq", 1));
  requireError(error, unknown);
  assert.match(JSON.stringify(error.context), /"timestamp_ns","number","pid"/);
  const range = validation("value_out_of_range");
  requireError(await refuse(flood.map_id, where("pid", "eq", "many")), range);
  requireError(await refuse(flood.map_id, where("comm", "eq", 7)), range);
  const text = await refuse(flood.map_id, where("number", "contains", "7"));
  assert.equal(text.category, "validation");
  requireError(
    await refuse(flood.map_id, {}, { event_type: "no_such_event" }),
    validation("unknown_event_type", { says: /flood_event/ }),
  );
});

kernelTest("stream_events refuses a map that is no ring, and a second reader", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const { map_id, object } = await open(session, trigger, "flood");
  const bss = object.maps.find(({ name }) => name.endsWith(".bss"));
  const none = await session.refusal("stream_events", { map_id: bss?.map_id });
  requireError(none, validation("not_an_event_map", { says: /is array/ }));
  const { stream_id } = await session.stream({ map_id, background: true });
  const second = await session.refusal("stream_events", { map_id });
  requireError(second, resource("map_in_use", { context: { stream_id } }));
  await session.stop(stream_id);
  const { ended_by } = await session.stream({ map_id, duration_ms: 5 });
  assert.equal(ended_by, "duration");
});

kernelTest("stream_events in the foreground ends by time or by number of events", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const { program_id } = await open(session, trigger, "flood", { burst: 25 });
  const progress: Progress[] = [];
  const streaming = session.stream({ program_id, max_events: 60, duration_ms: 60_000 }, {
    onprogress: (one) => progress.push(one),
  });
  await trigger.run("getppid 3");
  const answer = await streaming;
  assert.equal(answer.ended_by, "max_events");
  assert.equal(answer.returned + answer.pending, 60);
  assert.match(progress[0]?.message ?? "", new RegExp(`^${answer.stream_id} `));
  const rest = await readEvents(session, answer.stream_id, answer.pending);
  const numbers = [...answer.events, ...rest].map(({ number }) => number);
  assert.deepEqual(numbers, Array.from({ length: 60 }, (_, index) => index));
  const left = await session.stream({ program_id, duration_ms: 20 });
  assert.equal(left.ended_by, "duration");
  assert.equal(left.received + left.pending, 15, "the others stayed in the ring");
});

kernelTest("read_stream gives each event once, and refuses a cursor that was used", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const { map_id, object } = await open(session, trigger, "flood", { burst: 30 });
  const { stream_id } = await session.stream({ map_id, background: true });
  await trigger.run("getppid 1");
  await readEvents(session, stream_id, 0);
  const first = await session.read(stream_id, { limit: 10 });
  assert.deepEqual(first.events.map(({ number }) => number), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const cursor = first.next_cursor;
  const second = await session.read(stream_id, { limit: 10, cursor });
  assert.equal(second.events[0].number, 10);
  for (const wrong of [cursor, "garbage", "WzFd"]) {
    const error = await session.refusal("read_stream", { stream_id, cursor: wrong });
    requireError(error, validation("invalid_cursor"));
  }
  await session.unload(object.object_id);
  await assertGone(madeBy(object));
  const last = await session.read(stream_id, { cursor: second.next_cursor });
  assert.deepEqual([last.events.length, last.ended_by], [10, "released"]);
});

kernelTest("stream_events tells what the kernel dropped", async () => {
  await using trigger = await Trigger.start();
  await using session = await start();
  const source = await open(session, trigger, "flood", { burst: 200_000 }); // the ring has a third
  const filters = { where: [{ field: "number", op: "eq", value: 0 }] };
  const { map_id } = source;
  const { stream_id } = await session.stream({ map_id, background: true, filters });
  await trigger.run("getppid 1");
  await session.stop(stream_id);
  const answer = await session.read(stream_id);
  accountedFor(answer);
  assert.ok((answer.dropped.kernel ?? 0) > 0);
  assert.equal(answer.received + Number(answer.dropped.kernel), 200_000);
  assert.equal(answer.complete, false);
});
