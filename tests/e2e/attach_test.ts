// The whole way of each attachment: load, attach, a real event, detach, unload; after each step
// bpftool is asked whether it is so.
import assert from "node:assert/strict";
import type { Arguments } from "../support/client.ts";
import { McpSession } from "../support/client.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { onlineCpus } from "../support/cpus.ts";
import { readEvents } from "../support/events.ts";
import { assertGone, assertPresent, madeBy, show } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";
import { datagramHeaderBytes, VethPair } from "../support/veth_pair.ts";

interface Journey {
  readonly program: string;
  readonly attachment: Arguments;
  /** How many links it gives. */
  readonly links: number;
  /** The hits that `fire` causes: exactly so many, or at least one. */
  readonly hits: number | "some";
  /** What each hit says. */
  readonly kind: string;
  readonly value?: number;
  fire(): Promise<void>;
}

/** Hits are counted in an array of .bss by kind; the order is that of `enum kind` in C. */
const kinds = [
  "KIND_TRACEPOINT",
  "KIND_RAW_TRACEPOINT",
  "KIND_TP_BTF",
  "KIND_UPROBE",
  "KIND_URETPROBE",
  "KIND_PERF_EVENT",
  "KIND_XDP",
  "KIND_TC",
  "KIND_CGROUP_SKB",
  "KIND_CONNECT4",
];

/** Walks one journey from the load to the kernel being as it was. */
async function travel(session: McpSession, targetPid: number, journey: Journey): Promise<void> {
  const { program, attachment, links, hits, kind, value, fire } = journey;
  const object = await session.load(await buildObject("attach_kinds"), {
    programs: [program],
    globals: { target_pid: targetPid },
  });
  assert.deepEqual(object.programs.map(({ name }) => name), [program]);
  const [{ program_id }] = object.programs;
  const made = madeBy(object);
  await assertPresent(made);

  const attached = await session.attach(program_id, attachment);
  assert.equal(attached.mechanism, "bpf_link");
  assert.equal(attached.confirmed, true);
  assert.equal(attached.program_id, program_id);
  assert.equal(attached.links.length, links, JSON.stringify(attached.links));
  const linkIds = attached.links.map(({ link_id }) => link_id);
  for (const id of linkIds) assert.equal((await show("link", id))?.prog_id, program_id);

  const events = object.maps.find(({ name }) => name === "events");
  assert.ok(events !== undefined);
  const { stream_id } = await session.stream({ map_id: events.map_id, background: true });
  await fire();
  const seen = await readEvents(session, stream_id, hits === "some" ? 1 : hits);
  if (hits !== "some") assert.equal(seen.length, hits);
  assert.deepEqual([...new Set(seen.map((event) => event.kind))], [kind]);
  if (value !== undefined) assert.equal(seen[0].value, value);
  await session.stop(stream_id);
  const counted = await countHits(session, kind);
  if (hits !== "some") assert.equal(counted, hits);

  const { links: detached } = await session.detach(attached.attachment_id);
  assert.deepEqual(
    detached.map(({ link_id, gone }) => [link_id, gone]),
    linkIds.map((id) => [id, true]),
  );
  await assertGone({ links: linkIds });
  await assertPresent(made);
  const before = await countHits(session, kind);
  await fire();
  assert.equal(await countHits(session, kind), before, "nothing runs after detach_link");

  const unloaded = await session.unload(object.object_id);
  assert.equal(unloaded.object_released, true);
  assert.ok(unloaded.programs.every(({ gone }) => gone === true), JSON.stringify(unloaded));
  assert.ok(unloaded.maps.every(({ gone }) => gone === true), JSON.stringify(unloaded));
  await assertGone(made);
}

/** What the program counted itself, read from its .bss through map_dump. */
async function countHits(session: McpSession, kind: string): Promise<number> {
  const { entries } = await session.dump({ map_name: "attach_k.bss" });
  const [{ value }] = entries;
  assert.ok(typeof value === "object" && value !== null && "hits" in value);
  assert.ok(Array.isArray(value.hits), JSON.stringify(value));
  return Number(value.hits[kinds.indexOf(kind)]);
}

function tracepointJourneys(trigger: Trigger): Record<string, Journey> {
  const getppid = { links: 1, hits: 7, fire: () => trigger.run("getppid 7") };
  const tracepoint = { ...getppid, program: "on_tracepoint", kind: "KIND_TRACEPOINT" };
  const typed = { ...getppid, program: "on_tp_btf", kind: "KIND_TP_BTF" };
  const sysEnter = { type: "raw_tracepoint", name: "sys_enter" };
  const named = { type: "tracepoint", group: "syscalls", name: "sys_enter_getppid" };
  return {
    "a tracepoint": { ...tracepoint, attachment: named },
    "a tracepoint that the section names": { ...tracepoint, attachment: { type: "auto" } },
    "a raw tracepoint": {
      ...getppid,
      program: "on_raw_tracepoint",
      attachment: sysEnter,
      kind: "KIND_RAW_TRACEPOINT",
    },
    "a tracepoint typed by BTF": { ...typed, attachment: { type: "auto" } },
    "a tracepoint typed by BTF, named": { ...typed, attachment: sysEnter },
  };
}

function probeJourneys(trigger: Trigger): Record<string, Journey> {
  const work = { links: 1, hits: 5, value: 0, fire: () => trigger.run("work 5") };
  const spin = {
    program: "on_perf_event",
    hits: "some",
    kind: "KIND_PERF_EVENT",
    fire: () => trigger.run("spin 100"),
  } as const;
  const at = { path: trigger.path, symbol: "trigger_work" };
  const uprobe = { ...work, program: "on_uprobe", kind: "KIND_UPROBE" };
  const uretprobe = { ...work, program: "on_uretprobe", kind: "KIND_URETPROBE" };
  const clock = { type: "perf_event", event: "cpu_clock" };
  return {
    "a uprobe": { ...uprobe, attachment: { type: "uprobe", ...at } },
    "a uprobe in one process": {
      ...uprobe,
      attachment: { type: "uprobe", ...at, pid: trigger.pid },
    },
    "a uretprobe": { ...uretprobe, attachment: { type: "uretprobe", ...at } },
    "a perf event on every CPU": {
      ...spin,
      attachment: { ...clock, period: 1_000_000 },
      links: onlineCpus().length,
      value: 1_000_000,
    },
    "a perf event of one process": {
      ...spin,
      attachment: { ...clock, frequency: 1_000, pid: trigger.pid },
      links: 1,
    },
  };
}

function cgroupJourneys(trigger: Trigger, { path }: TestCgroup): Record<string, Journey> {
  const connect = { links: 1, fire: () => trigger.run("connect 9") };
  return {
    "a cgroup's connect4": {
      ...connect,
      program: "on_connect4",
      attachment: { type: "cgroup", path, attach_type: "connect4" },
      hits: 1,
      kind: "KIND_CONNECT4",
      value: 9,
    },
    "a cgroup's packets": {
      ...connect,
      program: "on_cgroup_egress",
      attachment: { type: "cgroup", path, attach_type: "egress" },
      hits: "some",
      kind: "KIND_CGROUP_SKB",
    },
  };
}

function networkJourneys(pair: VethPair): Record<string, Journey> {
  const text = "seven b";
  const value = datagramHeaderBytes + text.length;
  const send = { links: 1, hits: 1, value, fire: () => pair.send(text) };
  const { incoming, outgoing } = pair;
  const xdp = { ...send, program: "on_xdp", kind: "KIND_XDP" };
  const tcx = { ...send, program: "on_tc", kind: "KIND_TC" };
  return {
    "XDP in the driver": {
      ...xdp,
      attachment: { type: "xdp", interface: incoming, mode: "native" },
    },
    "generic XDP": { ...xdp, attachment: { type: "xdp", interface: incoming, mode: "generic" } },
    "XDP where it fits": { ...xdp, attachment: { type: "xdp", interface: incoming } },
    "tcx ingress": {
      ...tcx,
      attachment: { type: "tcx", interface: incoming, direction: "ingress" },
    },
    "tcx egress": {
      ...tcx,
      attachment: { type: "tcx", interface: outgoing, direction: "egress" },
    },
  };
}

async function travelAll(
  t: Deno.TestContext,
  session: McpSession,
  targetPid: number,
  journeys: Record<string, Journey>,
): Promise<void> {
  for (const [what, journey] of Object.entries(journeys)) {
    await t.step(what, () => travel(session, targetPid, journey));
  }
}

const args = ["--role", "operator", "--objects", "/"];

kernelTest("attach_program attaches to what a process does", async (t) => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  await travelAll(t, session, trigger.pid, tracepointJourneys(trigger));
  await travelAll(t, session, trigger.pid, probeJourneys(trigger));
});

kernelTest("attach_program attaches to a cgroup", async (t) => {
  await using group = await TestCgroup.make();
  await using trigger = await Trigger.start();
  await group.adopt(trigger.pid);
  await using session = await McpSession.start({ args });
  await travelAll(t, session, trigger.pid, cgroupJourneys(trigger, group));
});

kernelTest("attach_program attaches to a network interface", async (t) => {
  await using pair = await VethPair.make();
  await using session = await McpSession.start({ args, wrapper: pair.wrapper });
  await travelAll(t, session, 0, networkJourneys(pair));
});
