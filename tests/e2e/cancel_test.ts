// Cancelling: from the notification to the objects being absent in the kernel.
import assert from "node:assert/strict";
import * as z from "zod";
import { type Loaded, loaded, streamed } from "../support/answers.ts";
import { McpSession } from "../support/client.ts";
import { assertGone, heldBy, list, remaining, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { LineClient } from "../support/line_client.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";
import { until } from "../support/within.ts";
import { Workload } from "../support/workload.ts";

const promisedMs = 200;
const operator = ["--role", "operator", "--objects", "/"];
const admin = ["--role", "admin"];

/** Cancels a request and answers when the notification was sent. */
async function cancel(client: LineClient, ...requestIds: number[]): Promise<number> {
  const sent = performance.now();
  for (const requestId of requestIds) {
    const params = { requestId, reason: "the test says so" };
    await client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
  }
  return sent;
}

/** The id of an object's map. */
function mapOf(object: Loaded, name: string): number {
  const map = object.maps.find((map) => map.name === name);
  assert.ok(map !== undefined, name);
  return map.map_id;
}

/** Makes the owner let go of an object whose map `held` another session keeps alive. */
async function letGo(owner: McpSession, object: Loaded, held: number): Promise<void> {
  const released = owner.unload(object.object_id);
  released.catch(() => {}); // it waits until the kernel has freed what the other still holds
  const sibling = object.maps.findLast(({ map_id }) => map_id !== held);
  assert.ok(sibling !== undefined);
  await untilGone({ maps: [sibling.map_id] }, 5_000); // with it went the programs' hold on both
  assert.ok((await list("map")).some(({ id }) => id === held), "the other session holds the map");
}

kernelTest("a cancelled stream lets go of its ring within 200 ms", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start({ args: operator });
  await using client = await LineClient.connect({ args: admin });
  const object = await owner.load(await buildObject("flood"), {
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid },
  });
  const map_id = mapOf(object, "events");
  const id = await client.post("tools/call", {
    name: "stream_events",
    arguments: { map_id, take_over: true, duration_ms: 60_000 },
    _meta: { progressToken: "p" },
  });
  const progress = await client.receive(); // it streams
  assert.match(String(progress.params?.message), /^stream-1 /);
  await letGo(owner, object, map_id);
  const sent = await cancel(client, id);
  await untilGone({ maps: [map_id] }, 2_000);
  const took = performance.now() - sent;
  assert.ok(took <= promisedMs, `it took ${took} ms`);
  await client.ping(); // and no answer came to the cancelled request
});

kernelTest("a cancelled map_dump lets go of its map within 200 ms", async () => {
  await using trigger = await Trigger.start();
  await using client = await LineClient.connect({ args: admin });
  await using pin = await PinFolder.make();
  const map_id = await filledAndPinned(trigger, pin);
  const dump = { name: "map_dump", arguments: { map_id, max_entries: 100_000 } };
  const id = await client.post("tools/call", dump);
  await until(5_000, "the dump's start", () => heldBy(client.pid).maps.includes(map_id));
  await pin.clear();
  assert.deepEqual(await remaining({ maps: [map_id] }), [`map ${map_id}`], "the dump holds it");
  const sent = await cancel(client, id);
  await untilGone({ maps: [map_id] }, 5_000);
  const took = performance.now() - sent;
  assert.ok(took <= promisedMs, `it took ${took} ms`);
  await client.ping();
});

/** A map of 500,000 elements that nothing but its pin holds. */
async function filledAndPinned(trigger: Trigger, pin: PinFolder): Promise<number> {
  await using owner = await McpSession.start({ args: operator });
  const object = await owner.load(await buildObject("maps"), {
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid, fill_count: 500_000 },
  });
  const [{ program_id }] = object.programs;
  await owner.attach(program_id, { type: "auto" });
  await trigger.run("getppid 1");
  const map_id = mapOf(object, "large");
  await pin.add("map", map_id);
  const released = owner.unload(object.object_id);
  await untilGone({ maps: [mapOf(object, "counts")] }, 5_000);
  await released;
  return map_id;
}

/** Runs a gadget, cancels it, and answers how long it took to be out of the kernel, in ms. */
async function cancelGadget(): Promise<number> {
  await using client = await LineClient.connect({ args: ["--role", "observer"] });
  const id = await client.post("tools/call", {
    name: "run_gadget",
    arguments: { gadget: "exec_snoop", params: { ppid: 4_194_304 }, duration_ms: 60_000 },
    _meta: { progressToken: "p" },
  });
  await client.receive(); // it streams
  const { programs, links } = heldBy(client.pid);
  assert.ok(programs.length > 0 && links.length > 0);
  const sent = await cancel(client, id);
  await untilGone({ programs, links }, 5_000);
  const took = performance.now() - sent;
  await until(5_000, "the maps' release", () => heldBy(client.pid).maps.length === 0);
  await client.ping();
  return took;
}

kernelTest("a cancelled gadget is out of the kernel within 200 ms", async () => {
  const took: number[] = [];
  // The kernel needs 100 to 150 ms for four tracepoints, more when others detach theirs.
  while (took.length < 5 && !took.some((ms) => ms <= promisedMs)) took.push(await cancelGadget());
  assert.ok(Math.min(...took) <= promisedMs, `it took ${took} ms`);
});

kernelTest("a cancelled load finishes and then releases", async () => {
  await using client = await LineClient.connect({ args: operator });
  const source = { type: "file", path: await buildObject("many_programs") };
  const ids: number[] = [];
  for (let i = 0; i < 6; i++) {
    ids.push(await client.post("tools/call", { name: "load_program", arguments: { source } }));
  }
  await until(10_000, "the first load", () => heldBy(client.pid).programs.length > 0);
  await cancel(client, ...ids);
  const ping = await client.post("ping");
  const answered: (string | null)[] = [];
  for (let message = await client.receive(); message.id !== ping;) {
    answered.push(loaded.parse(message.result?.structuredContent).object_id);
    message = await client.receive();
  }
  assert.ok(answered.length < ids.length, "some loads were cancelled in progress");
  for (const object_id of answered) await client.call("unload_program", { object_id });
  const released = () => heldBy(client.pid).programs.length === 0;
  await until(10_000, "the release of what was loaded", released);
  const again = await client.call("load_program", { source });
  assert.equal(loaded.parse(again).programs_total, 200);
});

kernelTest("what a cancelled stream took can still be read", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: operator });
  const object = await session.load(await buildObject("flood"), {
    globals: { target_pid: trigger.pid, burst: 5 },
  });
  const program = object.programs.find(({ name }) => name === "on_getppid");
  assert.ok(program !== undefined);
  await session.attach(program.program_id, { type: "auto" });
  const abort = new AbortController();
  const announced = Promise.withResolvers<string>();
  const args = { program_id: program.program_id, duration_ms: 60_000, max_events: 1_000 };
  const streaming = session.call("stream_events", args, {
    signal: abort.signal,
    onprogress: ({ message }) => announced.resolve(message ?? ""),
  });
  const streamId = (await announced.promise).split(" ")[0];
  await trigger.run("getppid 2");
  abort.abort();
  await assert.rejects(streaming);
  const rest = await session.ask(streamed, "read_stream", { stream_id: streamId });
  assert.deepEqual(rest.events.map(({ number }) => number), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(rest.ended_by, "cancelled");
  assert.equal(rest.complete, true);
});

const tabled = streamed.extend({ rows: z.array(z.looseObject({ count: z.int() })).optional() });
const summed = streamed.extend({ aggregate: z.looseObject({ events: z.int() }).nullable() });

/** Cancels a gadget's run in the foreground after `work`; the id of its stream. */
async function cancelRun(
  session: McpSession,
  args: Readonly<Record<string, unknown>>,
  work: () => Promise<unknown>,
): Promise<string> {
  const abort = new AbortController();
  const announced = Promise.withResolvers<string>();
  const running = session.call("run_gadget", { ...args, duration_ms: 60_000 }, {
    signal: abort.signal,
    onprogress: ({ message }) => announced.resolve(message ?? ""),
  });
  const [streamId = ""] = (await announced.promise).split(" ");
  await work();
  abort.abort();
  await assert.rejects(running);
  await until(5_000, "the gadget's release", () => heldBy(session.pid).programs.length === 0);
  return streamId;
}

kernelTest("what a cancelled gadget took can still be read, and is let go of", async () => {
  await using opens = await Workload.start("opens");
  await using session = await McpSession.start({ args: [] });
  const params = { pid: opens.pid };
  const open = () => opens.run("missing 30");
  const plain = { gadget: "open_snoop", params, aggregate: "none" };
  const events = await cancelRun(session, plain, open);
  const first = await session.read(events, { limit: 10, wait_ms: 0 });
  assert.equal(first.events.length, 10);
  assert.equal(first.ended_by, "cancelled");
  const stopped = await session.stop(events);
  assert.deepEqual([stopped.returned, stopped.pending], [10, 20]);
  const rest = await session.read(events, { wait_ms: 0 });
  assert.deepEqual([rest.events.length, rest.complete, rest.next_cursor], [20, true, null]);

  const sum = await cancelRun(session, { gadget: "open_snoop", params }, open);
  const { aggregate } = await session.ask(summed, "stop_stream", { stream_id: sum });
  assert.equal(aggregate?.events, 30);

  const counts = { gadget: "syscall_latency", params };
  const table = await cancelRun(session, counts, () => opens.run("missing 40"));
  const { rows = [] } = await session.ask(tabled, "read_stream", { stream_id: table });
  assert.ok(rows.some(({ count }) => count === 40), JSON.stringify(rows));
  const account = await session.ask(tabled, "stop_stream", { stream_id: table });
  assert.equal(account.ended_by, "cancelled");
  const { maps, links } = heldBy(session.pid);
  assert.deepEqual([maps, links], [[], []]);
});

kernelTest("progress grows and tells what happens", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args: operator });
  const { programs } = await session.load(await buildObject("flood"), {
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid },
  });
  const progress = z.array(z.object({ progress: z.number(), message: z.string() }));
  const seen: unknown[] = [];
  await session.stream({ program_id: programs[0].program_id, duration_ms: 2_300 }, {
    onprogress: (one) => seen.push(one),
  });
  const messages = progress.parse(seen);
  assert.ok(messages.length >= 3, JSON.stringify(messages));
  for (const [index, { progress }] of messages.entries()) {
    if (index > 0) assert.ok(progress > messages[index - 1].progress, JSON.stringify(messages));
  }
  await session.unload("object-1");
  await assertGone({ programs: [programs[0].program_id] });
});
