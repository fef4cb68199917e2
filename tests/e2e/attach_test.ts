// The whole way of each attachment: load, attach, a real event, detach, unload; after each step
// bpftool is asked whether it is so.
import { type Journey, travel } from "../matrix/journey.ts";
import { McpSession } from "../support/client.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { onlineCpus } from "../support/cpus.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { Trigger } from "../support/trigger.ts";
import { datagramHeaderBytes, VethPair } from "../support/veth_pair.ts";

/** All are in one object. */
type KindJourney = Omit<Journey, "object">;

function tracepointJourneys(trigger: Trigger): Record<string, KindJourney> {
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

function probeJourneys(trigger: Trigger): Record<string, KindJourney> {
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

function cgroupJourneys(trigger: Trigger, { path }: TestCgroup): Record<string, KindJourney> {
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

function networkJourneys(pair: VethPair): Record<string, KindJourney> {
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
  journeys: Record<string, KindJourney>,
): Promise<void> {
  for (const [what, journey] of Object.entries(journeys)) {
    await t.step(what, () => {
      return travel(session, targetPid, { ...journey, object: "attach_kinds" });
    });
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
