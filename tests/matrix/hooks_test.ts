// Every hook that attach_program knows, on every kernel: where the table says yes, from the load to
// the kernel being as it was; where it says no, refused with the reason and what to do instead.
import assert from "node:assert/strict";
import type { Arguments } from "../support/client.ts";
import { McpSession } from "../support/client.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { onlineCpus } from "../support/cpus.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";
import { datagramHeaderBytes, VethPair } from "../support/veth_pair.ts";
import { type Feature, has } from "./features.ts";
import { type Journey, loadOne, travel } from "./journey.ts";

/** What a kernel without the feature answers, and where. */
interface Refusal {
  readonly at: "load" | "attach";
  readonly code: string;
  /** Part of the hint or the reason: what to do instead. */
  readonly says: RegExp;
}

interface Hook extends Journey {
  readonly needs?: Feature;
  readonly refusal?: Refusal;
}

const args = ["--role", "operator", "--objects", "/"];
const port = 9;

const noKprobes: Refusal = { at: "attach", code: "feature_missing", says: /tracepoint/ };
const noMulti: Refusal = { at: "attach", code: "feature_missing", says: /CONFIG_FPROBE/ };
const noPatching: Refusal = { at: "load", code: "program_load_rejected", says: /tracepoint/ };
const noTcx: Refusal = { at: "attach", code: "feature_missing", says: /Linux 6\.6/ };
const noCookie: Refusal = { at: "attach", code: "feature_missing", says: /give pid/ };

/** Hooks whose attachment is a perf event: a link since 5.15. */
async function perfMechanism(): Promise<"bpf_link" | "perf_ioctl"> {
  return await has("perf_link") ? "bpf_link" : "perf_ioctl";
}

async function travelAll(
  t: Deno.TestContext,
  session: McpSession,
  targetPid: number,
  hooks: Record<string, Hook>,
): Promise<void> {
  for (const [what, hook] of Object.entries(hooks)) {
    await t.step(what, async () => {
      const { needs, refusal } = hook;
      if (needs === undefined || await has(needs)) return await travel(session, targetPid, hook);
      assert.ok(refusal !== undefined, `${what} needs ${needs}, and says not how it is refused`);
      await beRefused(session, targetPid, hook, refusal);
    });
  }
}

async function beRefused(
  session: McpSession,
  targetPid: number,
  { object, program, attachment }: Hook,
  { at, code, says }: Refusal,
): Promise<void> {
  if (at === "load") {
    const source = { type: "file", path: await buildObject(object) };
    const error = await session.refusal("load_program", { source, programs: [program] });
    assert.equal(error.code, code);
    assert.match(JSON.stringify(error.context), says);
    return;
  }
  const loaded = await loadOne(session, targetPid, object, program);
  const [{ program_id }] = loaded.programs;
  const error = await session.refusal("attach_program", { program_id, attachment });
  assert.equal(error.code, code, error.message);
  assert.match(JSON.stringify(error.context), says);
  await session.unload(loaded.object_id);
}

function onTracepoints(trigger: Trigger, mechanism: Hook["mechanism"]): Record<string, Hook> {
  const object: ObjectName = "attach_kinds";
  const getppid = { object, hits: 7, fire: () => trigger.run("getppid 7") } as const;
  const tracepoint = { ...getppid, program: "on_tracepoint", kind: "KIND_TRACEPOINT", mechanism };
  const typed = { ...getppid, program: "on_tp_btf", kind: "KIND_TP_BTF" };
  const sysEnter = { type: "raw_tracepoint", name: "sys_enter" };
  const named = { type: "tracepoint", group: "syscalls", name: "sys_enter_getppid" };
  return {
    "tracepoint": { ...tracepoint, attachment: named },
    "tracepoint that the section names": { ...tracepoint, attachment: { type: "auto" } },
    "raw_tracepoint": {
      ...getppid,
      program: "on_raw_tracepoint",
      attachment: sysEnter,
      kind: "KIND_RAW_TRACEPOINT",
    },
    "raw_tracepoint typed by BTF": { ...typed, attachment: sysEnter },
  };
}

function onUserProbes(trigger: Trigger, mechanism: Hook["mechanism"]): Record<string, Hook> {
  const object: ObjectName = "attach_kinds";
  const work = { hits: 5, value: 0, mechanism, fire: () => trigger.run("work 5") } as const;
  const at = { path: trigger.path, symbol: "trigger_work" };
  const uprobe = { ...work, object, program: "on_uprobe", kind: "KIND_UPROBE" };
  const usdt = { ...work, object: "kernel_hooks", program: "on_usdt", kind: "KIND_USDT" } as const;
  const probe = { type: "usdt", path: trigger.path, provider: "trigger", name: "work" };
  return {
    "uprobe": { ...uprobe, attachment: { type: "uprobe", ...at } },
    "uprobe in one process": {
      ...uprobe,
      attachment: { type: "uprobe", ...at, pid: trigger.pid },
    },
    "uretprobe": {
      ...work,
      object,
      program: "on_uretprobe",
      kind: "KIND_URETPROBE",
      attachment: { type: "uretprobe", ...at },
    },
    "usdt in one process": { ...usdt, attachment: { ...probe, pid: trigger.pid } },
    "usdt": { ...usdt, attachment: probe, needs: "usdt_everywhere", refusal: noCookie },
  };
}

function onPerfEvents(trigger: Trigger, mechanism: Hook["mechanism"]): Record<string, Hook> {
  const object: ObjectName = "attach_kinds";
  const kind = "KIND_PERF_EVENT";
  const fire = () => trigger.run("spin 300");
  const spin = { object, program: "on_perf_event", hits: "some", kind, mechanism, fire } as const;
  const clock = { type: "perf_event", event: "cpu_clock" };
  return {
    "perf_event on every CPU": {
      ...spin,
      attachment: { ...clock, period: 1_000_000 },
      links: onlineCpus().length,
      value: 1_000_000,
    },
    "perf_event of one process": {
      ...spin,
      attachment: { ...clock, frequency: 1_000, pid: trigger.pid },
    },
  };
}

function onKprobes(trigger: Trigger, mechanism: Hook["mechanism"]): Record<string, Hook> {
  const connect = {
    object: "kernel_hooks",
    hits: 1,
    value: port,
    fire: () => trigger.run(`connect ${port}`),
  } as const;
  const name = "security_socket_connect";
  const one = { ...connect, mechanism, needs: "kprobe", refusal: noKprobes } as const;
  const many = { ...connect, needs: "kprobe_multi", refusal: noMulti } as const;
  const kprobe = { ...one, program: "on_kprobe", kind: "KIND_KPROBE" };
  const multi = { ...many, program: "on_kprobe_multi", kind: "KIND_KPROBE_MULTI" };
  return {
    "kprobe": { ...kprobe, attachment: { type: "kprobe", function: name } },
    "kprobe that the section names": { ...kprobe, attachment: { type: "auto" } },
    "kretprobe": {
      ...one,
      value: 0,
      program: "on_kretprobe",
      kind: "KIND_KRETPROBE",
      attachment: { type: "kretprobe", function: name },
    },
    "kprobe_multi by names": {
      ...multi,
      attachment: { type: "kprobe_multi", functions: [name, "security_socket_bind"] },
    },
    "kprobe_multi by a pattern": {
      ...multi,
      attachment: { type: "kprobe_multi", glob: "security_socket_conn*" },
    },
    "kretprobe_multi": {
      ...many,
      value: 0,
      program: "on_kretprobe_multi",
      kind: "KIND_KRETPROBE_MULTI",
      attachment: { type: "auto" },
    },
  };
}

function onTrampolines(trigger: Trigger): Record<string, Hook> {
  const connect = {
    object: "kernel_hooks",
    hits: 1,
    refusal: noPatching,
    fire: () => trigger.run(`connect ${port}`),
  } as const;
  const name = "security_socket_connect";
  const fentry = { ...connect, program: "on_fentry", kind: "KIND_FENTRY", value: port };
  const lsm = { ...connect, program: "on_lsm", kind: "KIND_LSM", value: port };
  return {
    "fentry": { ...fentry, needs: "trampoline", attachment: { type: "fentry", function: name } },
    "fexit": {
      ...connect,
      needs: "trampoline",
      program: "on_fexit",
      kind: "KIND_FEXIT",
      value: 0,
      attachment: { type: "fexit" },
    },
    "lsm": { ...lsm, needs: "lsm", attachment: { type: "lsm", hook: "socket_connect" } },
  };
}

function onCgroups(trigger: Trigger, { path }: TestCgroup): Record<string, Hook> {
  const connect = {
    object: "attach_kinds",
    fire: () => trigger.run(`connect ${port}`),
  } as const;
  return {
    "cgroup connect4": {
      ...connect,
      program: "on_connect4",
      attachment: { type: "cgroup", path, attach_type: "connect4" },
      hits: 1,
      kind: "KIND_CONNECT4",
      value: port,
    },
    "cgroup egress": {
      ...connect,
      program: "on_cgroup_egress",
      attachment: { type: "cgroup", path, attach_type: "egress" },
      hits: "some",
      kind: "KIND_CGROUP_SKB",
    },
  };
}

function onInterfaces(pair: VethPair): Record<string, Hook> {
  const text = "seven b";
  const value = datagramHeaderBytes + text.length;
  const send = { object: "attach_kinds", hits: 1, value, fire: () => pair.send(text) } as const;
  const { incoming, outgoing } = pair;
  const xdp = { ...send, program: "on_xdp", kind: "KIND_XDP" };
  const tcx = { ...send, program: "on_tc", kind: "KIND_TC", needs: "tcx", refusal: noTcx } as const;
  const at = (rest: Arguments) => ({ interface: incoming, ...rest });
  return {
    "xdp in the driver": { ...xdp, attachment: at({ type: "xdp", mode: "native" }) },
    "xdp, generic": { ...xdp, attachment: at({ type: "xdp", mode: "generic" }) },
    "tcx ingress": { ...tcx, attachment: at({ type: "tcx", direction: "ingress" }) },
    "tcx egress": {
      ...tcx,
      attachment: { type: "tcx", interface: outgoing, direction: "egress" },
    },
  };
}

kernelTest("attach_program: what a process does", async (t) => {
  const mechanism = await perfMechanism();
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  await travelAll(t, session, trigger.pid, onTracepoints(trigger, mechanism));
  await travelAll(t, session, trigger.pid, onUserProbes(trigger, mechanism));
  await travelAll(t, session, trigger.pid, onPerfEvents(trigger, mechanism));
});

kernelTest("attach_program: what the kernel does", async (t) => {
  const mechanism = await perfMechanism();
  await using trigger = await Trigger.start();
  await using session = await McpSession.start({ args });
  await travelAll(t, session, trigger.pid, onKprobes(trigger, mechanism));
  await travelAll(t, session, trigger.pid, onTrampolines(trigger));
});

kernelTest("attach_program: a control group", async (t) => {
  await using group = await TestCgroup.make();
  await using trigger = await Trigger.start();
  await group.adopt(trigger.pid);
  await using session = await McpSession.start({ args });
  await travelAll(t, session, trigger.pid, onCgroups(trigger, group));
});

kernelTest("attach_program: a network interface", async (t) => {
  await using pair = await VethPair.make();
  await using session = await McpSession.start({ args, wrapper: pair.wrapper });
  await travelAll(t, session, 0, onInterfaces(pair));
});
