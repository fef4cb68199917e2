// attach_program, detach_link and unload_program on every hook that needs no second process: what
// they answer is in the kernel, and inspect_state says the same.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";
import { attached, detached, type Loaded, loaded, unloaded } from "../support/answers.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { onlineCpus } from "../support/cpus.ts";
import { assertGone, assertPresent, madeBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject, buildTrigger, type ObjectName } from "../support/objects.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";

const settings = { objects: "/" };
const nobody = 0x3fffff;
const connect = "security_socket_connect";

interface Hook {
  readonly object: ObjectName;
  readonly program: string;
  readonly attachment: Record<string, unknown>;
  readonly links?: number;
}

async function loadOne(tools: ToolSession, { object, program }: Hook): Promise<Loaded> {
  return loaded.parse(
    await tools.call("load_program", {
      source: { type: "file", path: await buildObject(object) },
      programs: [program],
      globals: { target_pid: nobody },
    }),
  );
}

const stateLinks = z.object({
  links: z.object({
    items: z.array(z.looseObject({ link_id: z.int(), program_id: z.int() })),
  }),
});

const hooked = z.object({
  hooks: z.array(z.looseObject({
    kind: z.string(),
    program: z.object({ id: z.int() }).nullable(),
    owners: z.array(z.looseObject({ pid: z.int() })),
  })),
});
const graphed = z.object({
  graph: z.looseObject({
    nodes: z.array(z.looseObject({ kind: z.string(), id: z.union([z.string(), z.int()]) })),
  }),
});

/** inspect_hooks finds it, and a graph leads to it from wherever it hangs. */
async function seeAround(tools: ToolSession, program: number, { attachment }: Hook): Promise<void> {
  const { hooks } = hooked.parse(await tools.call("inspect_hooks", { limit: 1000 }));
  const found = hooks.filter((one) => one.program?.id === program);
  assert.ok(found.length > 0, JSON.stringify(hooks));
  for (const { owners } of found) assert.ok(owners.some(({ pid }) => pid === Deno.pid));
  const places = [
    `program:${program}`,
    `pid:${Deno.pid}`,
    ...(typeof attachment.interface === "string" ? [`interface:${attachment.interface}`] : []),
    ...(attachment.type === "cgroup" ? [`cgroup:${attachment.path}`] : []),
  ];
  for (const graph of places) {
    const { graph: { nodes } } = graphed.parse(await tools.call("inspect_state", { graph }));
    const own = nodes.filter(({ kind, id }) => kind === "program" && id === program);
    assert.equal(own.length, 1, `${graph}: ${JSON.stringify(nodes)}`);
  }
}

/** Attaches, looks, detaches, unloads. */
async function hold(tools: ToolSession, hook: Hook): Promise<void> {
  const object = await loadOne(tools, hook);
  const [{ program_id }] = object.programs;
  const { attachment } = hook;
  const answer = attached.parse(await tools.call("attach_program", { program_id, attachment }));
  assert.equal(answer.confirmed, true);
  const ids = answer.links.map(({ link_id }) => link_id);
  assert.equal(ids.length, hook.links ?? 1);
  await assertPresent({ ...madeBy(object), links: ids });
  const state = stateLinks.parse(
    await tools.call("inspect_state", { fields: ["links"], mine: true }),
  );
  const own = state.links.items.filter((link) => link.program_id === program_id);
  assert.deepEqual(own.map(({ link_id }) => link_id).sort(), [...ids].sort());
  await seeAround(tools, program_id, hook);
  const { attachment_id } = answer;
  const { links } = detached.parse(await tools.call("detach_link", { attachment_id }));
  assert.deepEqual(links, ids.map((link_id) => ({ link_id, gone: true })));
  const { object_id } = object;
  const released = unloaded.parse(await tools.call("unload_program", { object_id }));
  assert.equal(released.object_released, true);
  await assertGone({ ...madeBy(object), links: ids });
}

async function holdAll(t: Deno.TestContext, hooks: Record<string, Hook>): Promise<void> {
  await using tools = new ToolSession(settings);
  for (const [name, hook] of Object.entries(hooks)) {
    await t.step(name, () => hold(tools, hook));
  }
}

/** The refusal of an attachment, whose program is unloaded afterwards. */
async function refusal(tools: ToolSession, hook: Hook): Promise<ToolRefusal> {
  const object = await loadOne(tools, hook);
  const [{ program_id }] = object.programs;
  try {
    await tools.call("attach_program", { program_id, attachment: hook.attachment });
  } catch (error) {
    if (error instanceof ToolRefusal) return error;
    throw error;
  } finally {
    await tools.call("unload_program", { object_id: object.object_id });
  }
  return assert.fail(`${JSON.stringify(hook.attachment)} was attached`);
}

kernelTest("attach_program: tracepoints are held until detach_link", async (t) => {
  const object = "attach_kinds";
  const sysEnter = { type: "raw_tracepoint", name: "sys_enter" };
  const named = { type: "tracepoint", group: "syscalls", name: "sys_enter_getppid" };
  await holdAll(t, {
    "by name": { object, program: "on_tracepoint", attachment: named },
    "by the section": { object, program: "on_tracepoint", attachment: { type: "auto" } },
    "raw": { object, program: "on_raw_tracepoint", attachment: sysEnter },
    "typed by BTF": { object, program: "on_tp_btf", attachment: sysEnter },
  });
});

kernelTest("attach_program: probes of a program's file are held until detach_link", async (t) => {
  const object = "attach_kinds";
  const path = await buildTrigger();
  const at = { path, symbol: "trigger_work" };
  const clock = { type: "perf_event", event: "cpu_clock", frequency: 10 };
  const marked = { type: "usdt", path, provider: "trigger", name: "work" };
  await holdAll(t, {
    "uprobe": { object, program: "on_uprobe", attachment: { type: "uprobe", ...at } },
    "uretprobe": { object, program: "on_uretprobe", attachment: { type: "uretprobe", ...at } },
    "usdt": { object: "kernel_hooks", program: "on_usdt", attachment: marked },
    "perf_event": {
      object,
      program: "on_perf_event",
      attachment: clock,
      links: onlineCpus().length,
    },
    "perf_event on one CPU": {
      object,
      program: "on_perf_event",
      attachment: { ...clock, cpu: onlineCpus()[0] },
    },
    "perf_event of one process": {
      object,
      program: "on_perf_event",
      attachment: { ...clock, pid: Deno.pid },
    },
  });
});

kernelTest("attach_program: a cgroup's programs are held until detach_link", async (t) => {
  await using group = await TestCgroup.make();
  const object = "attach_kinds";
  const at = { type: "cgroup", path: group.path };
  await holdAll(t, {
    "connect4": {
      object,
      program: "on_connect4",
      attachment: { ...at, attach_type: "connect4" },
    },
    "egress": {
      object,
      program: "on_cgroup_egress",
      attachment: { ...at, attach_type: "egress" },
    },
  });
});

/** Two interfaces that lead nowhere but to each other, gone with this. */
async function cable(): Promise<AsyncDisposable & { readonly end: string }> {
  const end = `em${Deno.pid}a`;
  await mustRun("ip", ["link", "add", end, "type", "veth", "peer", "name", `em${Deno.pid}b`]);
  await mustRun("ip", ["link", "set", end, "up"]);
  const remove = async () => void await mustRun("ip", ["link", "delete", end]);
  return { end, [Symbol.asyncDispose]: remove };
}

kernelTest("attach_program: an interface's programs are held until detach_link", async (t) => {
  await using veth = await cable();
  const at = { interface: veth.end };
  const xdp = { object: "attach_kinds", program: "on_xdp" } as const;
  const tcx = { object: "attach_kinds", program: "on_tc" } as const;
  await holdAll(t, {
    "xdp, native": { ...xdp, attachment: { type: "xdp", mode: "native", ...at } },
    "xdp, generic": { ...xdp, attachment: { type: "xdp", mode: "generic", ...at } },
    "tcx ingress": { ...tcx, attachment: { type: "tcx", direction: "ingress", ...at } },
    "tcx egress": { ...tcx, attachment: { type: "tcx", direction: "egress", ...at } },
  });
});

kernelTest("attach_program: an iterator is read when it is attached", async () => {
  await using tools = new ToolSession(settings);
  const hook: Hook = {
    object: "kernel_hooks",
    program: "on_iter",
    attachment: { type: "iter", target: "task" },
  };
  const object = await loadOne(tools, hook);
  const [{ program_id }] = object.programs;
  const answer = z.looseObject({ output: z.object({ text: z.string(), truncated: z.boolean() }) })
    .parse(
      await tools.call("attach_program", { program_id, attachment: hook.attachment }),
    );
  assert.equal(answer.output.truncated, false);
  await tools.call("unload_program", { object_id: object.object_id });
});

kernelTest("attach_program: what does not fit is refused with its reason", async (t) => {
  await using tools = new ToolSession(settings);
  const path = await buildTrigger();
  const kinds = (program: string, attachment: Hook["attachment"]): Hook => {
    return { object: "attach_kinds", program, attachment };
  };
  const hooks = (program: string, attachment: Hook["attachment"]): Hook => {
    return { object: "kernel_hooks", program, attachment };
  };
  const probe = { type: "uprobe", path, symbol: "no_such_symbol" };
  const usdt = { type: "usdt", path, provider: "trigger", name: "no_such_probe" };
  const tracepoint = { type: "tracepoint", group: "syscalls", name: "sys_enter_nothing" };
  const cases: Record<string, readonly [Hook, RegExp]> = {
    "another type": [kinds("on_xdp", tracepoint), /^attachment_mismatch$/],
    "no such tracepoint": [kinds("on_tracepoint", tracepoint), /not_found|link_attach_failed/],
    "no such symbol": [kinds("on_uprobe", probe), /not_found|link_attach_failed/],
    "no such file": [kinds("on_uprobe", { ...probe, path: "/nowhere" }), /not_found/],
    "no such marker": [hooks("on_usdt", usdt), /not_found|link_attach_failed/],
    "no such interface": [
      kinds("on_xdp", { type: "xdp", interface: "nowhere0", mode: "auto" }),
      /not_found/,
    ],
    "no such cgroup": [
      kinds("on_connect4", { type: "cgroup", path: "/nowhere", attach_type: "connect4" }),
      /not_found/,
    ],
    "no such iterator": [hooks("on_iter", { type: "iter", target: "nothing" }), /./],
    "no such function": [hooks("on_kprobe", { type: "kprobe", function: "nothing_so" }), /./],
    "a pattern of nothing": [
      hooks("on_kprobe_multi", { type: "kprobe_multi", glob: "nothing_so_*" }),
      /./,
    ],
  };
  for (const [name, [hook, code]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const error = await refusal(tools, hook);
      assert.match(error.code, code, error.message);
      assert.notEqual(error.category, "internal");
    });
  }
});

kernelTest("attach_program: a kprobe is held, or refused with what to do instead", async (t) => {
  await using tools = new ToolSession(settings);
  const object = "kernel_hooks";
  const hooks: readonly Hook[] = [
    { object, program: "on_kprobe", attachment: { type: "kprobe", function: connect } },
    { object, program: "on_kretprobe", attachment: { type: "kretprobe", function: connect } },
    {
      object,
      program: "on_kprobe_multi",
      attachment: { type: "kprobe_multi", functions: [connect] },
    },
    { object, program: "on_kretprobe_multi", attachment: { type: "auto" } },
  ];
  const possible = await Deno.stat("/sys/bus/event_source/devices/kprobe").then(
    () => true,
    () => false,
  );
  for (const hook of hooks) {
    await t.step(hook.program, async () => {
      if (possible && !hook.program.endsWith("multi")) return await hold(tools, hook);
      const error = await refusal(tools, hook);
      assert.equal(error.category, "kernel");
      assert.match(String(error.context.hint), /tracepoint|fentry|CONFIG_FPROBE/);
    });
  }
});
