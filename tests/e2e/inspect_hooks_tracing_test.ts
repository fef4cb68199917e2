// inspect_hooks of probes, tracepoints and perf events, with links and without; sockmaps.
import assert from "node:assert/strict";
import { mustRun, run } from "../../scripts/command.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { onlineCpus } from "../support/cpus.ts";
import { buildForeign } from "../support/foreign_objects.ts";
import { allHooks, bpftoolPerf, type HookRow, inspectHooks } from "../support/hooks.ts";
import { show } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { type PerfEventWords, PerfHolder } from "../support/perf_holder.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { Trigger } from "../support/trigger.ts";

const admin = { args: ["--role", "admin", "--objects", "/"] };

/** Every hook of some programs; others on this machine have theirs beside them. */
async function hooksOf(session: McpSession, programs: readonly number[], args: Arguments = {}) {
  const rows = await allHooks(session, args);
  return rows.filter(({ program }) => program !== null && programs.includes(program.id));
}

kernelTest("inspect_hooks tells every tracing link with its target and owner", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(admin);
  await using session = await McpSession.start(admin);
  const { programs } = await owner.load(await buildObject("attach_kinds"), {
    globals: { target_pid: trigger.pid },
  });
  const idOf = (wanted: string) => programs.find(({ name }) => name === wanted)?.program_id ?? 0;
  const at = { path: trigger.path, symbol: "trigger_work" };
  const wanted: [string, string, RegExp, number][] = [];
  const attach = async (name: string, kind: string, place: RegExp, attachment: Arguments) => {
    const { links } = await owner.attach(idOf(name), attachment);
    for (const { link_id } of links) wanted.push([name, kind, place, link_id]);
  };
  await attach("on_tracepoint", "tracepoint", /^sys_enter_getppid$/, { type: "auto" });
  const sysEnter = { type: "raw_tracepoint", name: "sys_enter" };
  await attach("on_raw_tracepoint", "raw_tracepoint", /^sys_enter$/, sysEnter);
  await attach("on_tp_btf", "raw_tracepoint", /^sys_enter$/, { type: "auto" });
  await attach("on_uprobe", "uprobe", /trigger\+0x[0-9a-f]+$/, { type: "uprobe", ...at });
  const onReturn = { type: "uretprobe", ...at };
  await attach("on_uretprobe", "uprobe", /^return of .*trigger\+0x[0-9a-f]+$/, onReturn);
  const clock = { type: "perf_event", event: "cpu_clock", period: 100_000_000 };
  await attach("on_perf_event", "perf_event", /^software cpu_clock$/, clock);

  const rows = await hooksOf(session, programs.map(({ program_id }) => program_id));
  assert.equal(rows.length, wanted.length);
  assert.equal(rows.length, 5 + onlineCpus().length);
  for (const [name, kind, place, linkId] of wanted) {
    const row = rows.find(({ link_id }) => link_id === linkId);
    assert.ok(row !== undefined, `${name}: link ${linkId} of ${JSON.stringify(rows)}`);
    assert.deepEqual([row.kind, row.program?.name], [kind, name]);
    assert.match(row.target, place);
    assert.equal((await show("link", linkId))?.prog_id, row.program?.id);
    assert.deepEqual(row.owners.map(({ pid }) => pid), [owner.pid]);
  }
  const uprobes = await hooksOf(session, programs.map(({ program_id }) => program_id), {
    kind: "uprobe",
    target: "*/trigger",
  });
  assert.deepEqual(uprobes.map(({ hook }) => hook.at).sort(), ["entry", "return"]);
});

/** A row as `bpftoolPerf` writes it. */
function perfLine({ kind, hook, program }: HookRow): string {
  const place = kind === "uprobe" ? `${hook.path}+${hook.offset}` : hook.name;
  const type = hook.at === "return" ? kind.replace("probe", "retprobe") : kind;
  return `${type} ${program?.id} ${place}`;
}

kernelTest(
  "inspect_hooks tells programs on perf events without a link as bpftool perf does",
  async () => {
    await using trigger = await Trigger.start();
    await using folder = await PinFolder.make();
    await mustRun("bpftool", ["prog", "loadall", await buildObject("attach_kinds"), folder.path]);
    const tracepoint = "/sys/kernel/tracing/events/syscalls/sys_enter_getppid/id";
    const uprobeType = "/sys/bus/event_source/devices/uprobe/type";
    const text = async (path: string) => (await Deno.readTextFile(path)).trim();
    const uprobe = ["uprobe", await text(uprobeType), trigger.path, "0x1000"] as const;
    await using session = await McpSession.start(admin);
    const cases: readonly (readonly [string, PerfEventWords])[] = [
      ["on_tracepoint", ["tracepoint", await text(tracepoint)]],
      ["on_uprobe", uprobe],
    ];
    for (const [name, event] of cases) {
      await using holder = await PerfHolder.start(`${folder.path}/${name}`, event);
      const rows = (await allHooks(session)).filter(({ owners }) => {
        return owners.some(({ pid }) => pid === holder.pid);
      });
      assert.deepEqual(rows.map(perfLine), await bpftoolPerf(holder.pid));
      assert.deepEqual(rows.map(({ program, link_id }) => [program?.name, link_id]), [[
        name,
        null,
      ]]);
      assert.deepEqual(rows.map(({ owners }) => owners.map(({ comm }) => comm)), [["perf_holder"]]);
    }
  },
);

kernelTest(
  "inspect_hooks says that a perf event runs a program that the kernel hides",
  async () => {
    await using folder = await PinFolder.make();
    await mustRun("bpftool", ["prog", "loadall", await buildObject("attach_kinds"), folder.path]);
    await using holder = await PerfHolder.start(`${folder.path}/on_perf_event`, ["software"]);
    await using session = await McpSession.start(admin);
    const rows = (await allHooks(session, { kind: "perf_event" })).filter(({ owners }) => {
      return owners.some(({ pid }) => pid === holder.pid);
    });
    assert.deepEqual(rows.map(({ program, link_id }) => [program, link_id]), [[null, null]]);
  },
);

kernelTest("inspect_hooks tells the programs of a sockmap", async () => {
  await using folder = await PinFolder.make();
  const object = await buildForeign("network_sections", ["network_sections"]);
  await mustRun("bpftool", ["prog", "loadall", object, folder.path]);
  const map = `${folder.path}/map`;
  const shape = [
    "type",
    "sockmap",
    "key",
    "4",
    "value",
    "4",
    "entries",
    "4",
    "name",
    "e2e_sockmap",
  ];
  await mustRun("bpftool", ["map", "create", map, ...shape]);
  const attached = [
    ["on_parser", "sk_skb_stream_parser"],
    ["on_verdict", "sk_skb_stream_verdict"],
    ["on_message", "sk_msg_verdict"],
  ] as const;
  for (const [name, type] of attached) {
    const program = ["pinned", `${folder.path}/${name}`];
    await mustRun("bpftool", ["prog", "attach", ...program, type, "pinned", map]);
  }
  await using session = await McpSession.start(admin);
  const rows = await allHooks(session, { kind: "sockmap", target: "e2e_sockmap" });
  assert.deepEqual(
    rows.map(({ program, hook }) => [program?.name, hook.attach_type]).sort(),
    attached.map((pair) => [...pair]).sort(),
  );
  for (const [name, type] of attached) {
    const program = ["pinned", `${folder.path}/${name}`];
    await mustRun("bpftool", ["prog", "detach", ...program, type, "pinned", map]);
  }
  const { total, by_kind } = await inspectHooks(session, {
    kind: "sockmap",
    target: "e2e_sockmap",
  });
  assert.deepEqual([total, by_kind], [0, {}]);
});

kernelTest("inspect_hooks tells the functions of a struct_ops map that has no link", async () => {
  const object = await buildForeign("struct_ops", ["struct_ops"]);
  const { stderr } = await run("bpftool", ["struct_ops", "register", object]);
  const id = / id (\d+)/.exec(stderr)?.[1] ?? "";
  const ofMap = (rows: readonly HookRow[]) => {
    return rows.filter(({ hook }) => String(hook.map_id) === id);
  };
  await using session = await McpSession.start(admin);
  const registered = ofMap(await allHooks(session, { kind: "struct_ops" }));
  await mustRun("bpftool", ["struct_ops", "unregister", "id", id]);
  assert.deepEqual(registered.map(({ hook, program }) => [hook.type, hook.member, program?.name]), [
    ["tcp_congestion_ops", "ssthresh", "foreign_ssthresh"],
    ["tcp_congestion_ops", "cong_avoid", "foreign_avoid"],
    ["tcp_congestion_ops", "undo_cwnd", "foreign_undo"],
  ]);
  assert.deepEqual(ofMap(await allHooks(session, { kind: "struct_ops" })), []);
}, { patienceMs: 30_000 }); // the kernel waits for every task before it frees the programs

kernelTest("inspect_hooks tells an iterator's link", async () => {
  await using session = await McpSession.start(admin);
  const { programs: [{ program_id }] } = await session.load(
    await buildForeign("tracing_sections", ["tracing_sections"]),
    { programs: ["on_task"] },
  );
  const { links: [link] } = await session.attach(program_id, { type: "iter", target: "task" });
  const [row, ...others] = await hooksOf(session, [program_id], { kind: "iter", target: "task" });
  assert.deepEqual([row?.target, row?.link_id, others.length], ["task", link?.link_id, 0]);
});

kernelTest("inspect_hooks pages through every hook once, whatever the limit", async () => {
  await using owner = await McpSession.start(admin);
  await using trigger = await Trigger.start();
  const { programs } = await owner.load(await buildObject("attach_kinds"), {
    programs: ["on_raw_tracepoint"],
    globals: { target_pid: trigger.pid },
  });
  const [{ program_id }] = programs;
  const links: number[] = [];
  for (let count = 0; count < 60; count++) {
    const attached = await owner.attach(program_id, { type: "raw_tracepoint", name: "sys_enter" });
    links.push(...attached.links.map(({ link_id }) => link_id));
  }
  const first = await inspectHooks(owner, { kind: "raw_tracepoint", target: "sys_enter" });
  assert.ok(first.truncated, "60 rows take more than 8 KiB");
  assert.ok(JSON.stringify(first).length < 8192);
  for (const limit of [1000, 7]) {
    const rows = await hooksOf(owner, [program_id], { kind: "raw_tracepoint", limit });
    assert.deepEqual(rows.map(({ link_id }) => link_id), links);
  }
});

kernelTest("inspect_hooks refuses a kind that is none and a pattern that cannot be", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  for (const args of [{ kind: "hook" }, { target: "/(/" }, { limit: 0 }, { cursor: "x" }]) {
    const error = await session.refusal("inspect_hooks", args);
    assert.equal(error.category, "validation", JSON.stringify(args));
  }
});
