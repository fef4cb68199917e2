// inspect_state through the registry, beside what bpftool and procfs say.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";

import { bpftool, list } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, mapId, runProgram } from "../support/loaded.ts";
import { stateAnswer } from "../support/state_answer.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";
import type { ObjectName } from "../support/objects.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { Trigger } from "../support/trigger.ts";

const attachedAnswer = z.looseObject({ links: z.array(z.object({ link_id: z.int() })) });
const encoder = new TextEncoder();

async function inspect(tools: ToolSession, args: Record<string, unknown> = {}) {
  return stateAnswer.parse(await tools.call("inspect_state", args));
}

/** An object that the session owns. */
async function owned(tools: ToolSession, name: ObjectName): Promise<LoadedObject> {
  const object = await load(name);
  await tools.session.objects.add(object.objectId, object);
  return object;
}

function programId(object: LoadedObject, name: string): number {
  const found = object.programs.find(({ program }) => program.name === name);
  assert.ok(found, name);
  return found.info.id;
}

async function attach(tools: ToolSession, program_id: number, attachment: unknown) {
  const answer = await tools.call("attach_program", { program_id, attachment });
  const [link] = attachedAnswer.parse(answer).links;
  assert.ok(link);
  return link.link_id;
}

kernelTest("inspect_state: tells what programs are attached to, as bpftool does", async () => {
  await using tools = new ToolSession();
  await using trigger = await Trigger.start();
  const object = await owned(tools, "attach_kinds");
  const uprobe = { type: "uprobe", path: trigger.path, offset: 0x1200 };
  const wanted = new Map([
    ["on_tracepoint", [{ type: "auto" }, "tracepoint sys_enter_getppid", "perf_event"]],
    ["on_raw_tracepoint", [{ type: "auto" }, "raw_tracepoint sys_enter", "raw_tracepoint"]],
    ["on_tp_btf", [{ type: "auto" }, "raw_tracepoint sys_enter", "raw_tracepoint"]],
    ["on_uprobe", [uprobe, `uprobe ${trigger.path}+0x1200`, "perf_event"]],
  ]);
  for (const [name, [attachment, target, type]] of wanted) {
    const program_id = programId(object, name);
    const link_id = await attach(tools, program_id, attachment);
    const { links, programs } = await inspect(tools, { fields: ["links", "programs"], mine: true });
    const link = links?.items.find((row) => row.link_id === link_id);
    assert.equal(link?.target, target);
    assert.equal(link?.type, type);
    assert.equal(link?.program_id, program_id);
    assert.equal(link?.program_name, name);
    assert.ok(link?.mine);
    const program = programs?.items.find((row) => row.program_id === program_id);
    const rows = program?.attached.map((row) => [row.link_id, row.target]);
    assert.deepEqual(rows, [[link_id, target]]);
    const schema = z.looseObject({ type: z.string(), prog_id: z.int() });
    const theirs = schema.parse(await bpftool("link", "show", "id", String(link_id)));
    assert.deepEqual([theirs.type, theirs.prog_id], [link?.type, link?.program_id]);
  }
});

kernelTest("inspect_state: names the interface, the direction and the control group", async () => {
  const name = `em${Deno.pid % 100_000}`;
  const cgroups = (await mustRun("findmnt", ["-nt", "cgroup2", "-o", "TARGET"])).trim();
  const [root] = cgroups.split("\n");
  const cgroup = `${root}/${name}`;
  await using undo = new AsyncDisposableStack();
  await mustRun("ip", ["link", "add", name, "type", "veth", "peer", "name", `${name}p`]);
  undo.defer(async () => void await mustRun("ip", ["link", "del", name]));
  await mustRun("mkdir", [cgroup]);
  undo.defer(async () => void await mustRun("rmdir", [cgroup]));
  const tools = undo.use(new ToolSession());
  const object = await owned(tools, "attach_kinds");
  const cases: [string, Record<string, string>, string][] = [
    ["on_xdp", { type: "xdp", interface: name, mode: "generic" }, `xdp ${name}`],
    ["on_tc", { type: "tcx", interface: name, direction: "egress" }, `tcx egress ${name}`],
    [
      "on_cgroup_egress",
      { type: "cgroup", path: cgroup, attach_type: "egress" },
      `cgroup cgroup_inet_egress ${cgroup}`,
    ],
  ];
  for (const [program, attachment, target] of cases) {
    const link_id = await attach(tools, programId(object, program), attachment);
    const { links } = await inspect(tools, { fields: ["links"], ids: [link_id] });
    assert.equal(links?.items[0]?.target, target);
    const hook = links?.items[0]?.hook ?? {};
    if (hook.interface !== undefined) assert.equal(hook.interface, name);
    else assert.equal(hook.path, cgroup);
  }
});

kernelTest("inspect_state: names owners, even those whose names are hostile", async () => {
  await using tools = new ToolSession();
  const object = await owned(tools, "two_events");
  const before = await Deno.readTextFile("/proc/self/comm");
  const id = mapId(object, "events");
  try {
    await Deno.writeFile("/proc/self/comm", encoder.encode('a\x1b[31m"\n\u202e'));
    const { maps } = await inspect(tools, { fields: ["maps"], ids: [id] });
    const [owner] = maps?.items[0]?.owners ?? [];
    assert.equal(owner?.pid, Deno.pid);
    assert.equal(owner?.comm, 'a\\x1b[31m"\\n\\u{202e}');
    const target = await Deno.readTextFile(`/proc/self/fdinfo/${owner?.fd}`);
    assert.match(target, new RegExp(`^map_id:\\s*${id}$`, "m"));
  } finally {
    await Deno.writeTextFile("/proc/self/comm", before.trim());
  }
});

kernelTest("inspect_state: gives run counts only while the kernel keeps them", async () => {
  await using tools = new ToolSession();
  const object = await owned(tools, "flood");
  const id = programId(object, "produce");
  const setting = "/proc/sys/kernel/bpf_stats_enabled";
  const before = (await mustRun("cat", [setting])).trim();
  const row = async () => {
    const answer = await inspect(tools, { fields: ["programs"], ids: [id] });
    return { statistics: answer.statistics, program: answer.programs?.items[0] };
  };
  try {
    await mustRun("sh", ["-c", `echo 0 > ${setting}`]);
    runProgram(object, "produce");
    const off = await row();
    assert.equal(off.statistics, "off");
    assert.equal(off.program?.run_count, null);
    assert.equal(off.program?.run_time_ns, null);
    await mustRun("sh", ["-c", `echo 1 > ${setting}`]);
    runProgram(object, "produce");
    runProgram(object, "produce");
    const on = await row();
    assert.equal(on.statistics, "on");
    assert.equal(on.program?.run_count, 2);
    assert.ok(Number(on.program?.run_time_ns) > 0);
  } finally {
    await mustRun("sh", ["-c", `echo ${before} > ${setting}`]);
  }
});

kernelTest("inspect_state: pages give every program once, in several small answers", async () => {
  await using tools = new ToolSession({}, { byteBudget: 2048 });
  const object = await owned(tools, "many_programs");
  const seen: number[] = [];
  let cursor: string | null = null;
  let answers = 0;
  do {
    const args = { fields: ["programs"], mine: true, ...(cursor === null ? {} : { cursor }) };
    const answer: unknown = await tools.call("inspect_state", args);
    assert.ok(encoder.encode(JSON.stringify(answer)).length <= 2048);
    const { programs } = stateAnswer.parse(answer);
    assert.equal(programs?.total, 200);
    seen.push(...programs?.items.map(({ program_id }) => program_id) ?? []);
    cursor = programs?.next_cursor ?? null;
    assert.equal(programs?.truncated, cursor !== null);
    answers++;
  } while (cursor !== null);
  assert.deepEqual(seen, object.programs.map(({ info }) => info.id).sort((a, b) => a - b));
  assert.ok(answers > 10);
});

kernelTest("inspect_state: the default answer fits 8 KB on a host with 200 programs", async () => {
  await using tools = new ToolSession();
  await owned(tools, "many_programs");
  await owned(tools, "maps");
  const answer = await tools.call("inspect_state", {});
  const bytes = encoder.encode(JSON.stringify(answer)).length;
  assert.ok(bytes <= 8192 && bytes > 6000, `${bytes} bytes`);
  const { programs, maps, links, session } = stateAnswer.parse(answer);
  for (const page of [programs, maps, links, session]) assert.ok(page);
  assert.ok(programs?.truncated && programs.items.length > 1);
});

kernelTest("inspect_state: filters by type, pattern, id, pin and session", async () => {
  await using tools = new ToolSession();
  const object = await owned(tools, "maps");
  const own = object.maps.map(({ info }) => info.id).sort((a, b) => a - b);
  const ids = async (filters: Record<string, unknown>) => {
    const { maps } = await inspect(tools, { fields: ["maps"], limit: 1000, ...filters });
    return maps?.items.map(({ map_id }) => map_id) ?? [];
  };
  assert.deepEqual(await ids({ ids: own.slice(0, 3) }), own.slice(0, 3));
  assert.deepEqual(
    await ids({ mine: true, name: "counts" }),
    [
      mapId(object, "counts"),
      mapId(object, "cpu_counts"),
    ].sort((a, b) => a - b),
  );
  assert.deepEqual(await ids({ mine: true, name: "c?unt*" }), [mapId(object, "counts")]);
  assert.deepEqual(await ids({ mine: true, type: "stack" }), [mapId(object, "stack")]);
  assert.deepEqual(await ids({ mine: true, pinned_only: true }), []);
  const pin = `/sys/fs/bpf/ebpf-mcp-test-${Deno.pid}`;
  const counts = mapId(object, "counts");
  await mustRun("bpftool", ["map", "pin", "id", String(counts), pin]);
  try {
    const { maps } = await inspect(tools, { fields: ["maps"], mine: true, pinned_only: true });
    assert.deepEqual(maps?.items.map(({ map_id, pins }) => [map_id, pins]), [[counts, [pin]]]);
  } finally {
    await mustRun("rm", [pin]);
  }
});

kernelTest("inspect_state: maps name their programs, BTF what it describes", async () => {
  await using tools = new ToolSession();
  const object = await owned(tools, "two_events");
  const answer = await inspect(tools, { fields: ["maps", "btf", "session"], mine: true });
  const events = answer.maps?.items.find(({ name }) => name === "events");
  const users = object.programs.filter(({ info }) => info.mapIds.includes(events?.map_id ?? 0));
  assert.deepEqual(
    events?.used_by.map(({ program_id }) => program_id).sort((a, b) => a - b),
    users.map(({ info }) => info.id).sort((a, b) => a - b),
  );
  const [btf] = answer.btf?.items ?? [];
  assert.equal(btf?.type, "program");
  assert.deepEqual(btf?.program_ids, object.programs.map(({ info }) => info.id));
  const [row] = answer.session?.items ?? [];
  assert.ok(row?.kind === "object" && row.object_id === object.objectId);
});

kernelTest("inspect_state: lists what others made beside its own", async () => {
  await using tools = new ToolSession();
  await using foreign = await load("no_maps");
  const wanted = foreign.programs.map(({ info }) => info.id);
  const { programs } = await inspect(tools, { fields: ["programs"], ids: wanted });
  assert.deepEqual(programs?.items.map(({ program_id, mine }) => [program_id, mine]), [
    [wanted[0], false],
  ]);
  const all = await inspect(tools, { fields: ["programs"], limit: 1000 });
  const theirs = (await list("prog")).map(({ id }) => id);
  assert.ok(wanted.every((id) => theirs.includes(id)));
  assert.ok((all.programs?.total ?? 0) >= wanted.length);
});

kernelTest("inspect_state: refuses what it cannot answer, and says what it could", async () => {
  await using tools = new ToolSession();
  const first = await inspect(tools, { fields: ["tools"], limit: 1 });
  const cursor = first.tools?.next_cursor;
  const cases: [Record<string, unknown>, string][] = [
    [{ fields: ["tools", "session"], cursor }, "invalid_arguments"],
    [{ fields: ["system"], cursor }, "invalid_arguments"],
    [{ fields: ["maps"], cursor }, "invalid_cursor"],
    [{ fields: ["tools"], cursor: "nonsense" }, "invalid_cursor"],
    [{ fields: ["programs"], type: "ringbuf" }, "invalid_arguments"],
    [{ fields: ["session"], mine: true }, "invalid_arguments"],
    [{ fields: ["verifier"], object_id: "object-99" }, "object_not_found"],
    [{ fields: [] }, "invalid_arguments"],
    [{ fields: ["everything"] }, "invalid_arguments"],
    [{ ids: [0] }, "invalid_arguments"],
    [{ limit: 0 }, "invalid_arguments"],
    [{ name: "x".repeat(129) }, "invalid_arguments"],
    [{ pattern: "x" }, "invalid_arguments"],
  ];
  for (const [args, code] of cases) {
    await assert.rejects(tools.call("inspect_state", args), (error) => {
      assert.ok(error instanceof ToolRefusal);
      assert.equal(error.code, code, JSON.stringify(args));
      return true;
    });
  }
});

kernelTest("inspect_state: names the types that a list has, and the nearest", async () => {
  await using tools = new ToolSession();
  const args = { fields: ["maps", "session"], type: "ringbuff" };
  await assert.rejects(tools.call("inspect_state", args), (error) => {
    assert.ok(error instanceof ToolRefusal);
    assert.match(error.message, /maps have no such type; did you mean "ringbuf"/);
    const accepted = z.array(z.string()).parse(error.context.accepted);
    assert.ok(accepted.includes("hash") && accepted.includes("ringbuf"));
    assert.ok(!accepted.includes("xdp"), "a type of links and programs");
    return true;
  });
});

kernelTest("inspect_state: finds names by regular expression", async () => {
  await using tools = new ToolSession();
  await owned(tools, "maps");
  const { maps } = await inspect(tools, {
    fields: ["maps"],
    mine: true,
    name: "/^(cpu_)?counts$/",
  });
  assert.deepEqual(maps?.items.map(({ name }) => name).sort(), ["counts", "cpu_counts"]);
});

kernelTest("inspect_state: gives the whole verifier log in pages of lines", async () => {
  await using tools = new ToolSession();
  const text = Array.from({ length: 500 }, (_, line) => `${line}: (b7) r0 = ${line}`).join("\n");
  tools.session.verifierLogs.add({ objectId: "object-1", program: "long", accepted: true, text });
  tools.session.verifierLogs.add({
    objectId: "object-2",
    program: null,
    accepted: false,
    text: "R1 invalid mem access 'scalar'\nprocessed 3 insns\n",
  });
  let cursor: string | null = null;
  let read = "";
  do {
    const args = { fields: ["verifier"], object_id: "object-1", limit: 120 };
    const { verifier } = await inspect(tools, cursor === null ? args : { ...args, cursor });
    assert.equal(verifier?.total, 500);
    for (const part of verifier?.items ?? []) {
      assert.equal(part.first_line, read === "" ? 1 : read.split("\n").length);
      read += `${part.text}\n`;
    }
    cursor = verifier?.next_cursor ?? null;
  } while (cursor !== null);
  assert.equal(read, `${text}\n`);
  const refused = await inspect(tools, { fields: ["verifier"], object_id: "object-2" });
  assert.deepEqual(
    refused.verifier?.items.map(({ accepted, line_count }) => [accepted, line_count]),
    [
      [false, 2],
    ],
  );
});

kernelTest("inspect_state: tells of each tool what it needs", async () => {
  await using tools = new ToolSession();
  const answer = await inspect(tools, { fields: ["tools"], name: "inspect_st*" });
  const [tool] = answer.tools?.items ?? [];
  assert.equal(answer.tools?.total, 1);
  assert.equal(tool?.effect, "read");
  assert.equal(tool?.toolset, "reflect");
  assert.ok((tool?.max_time_ms ?? 0) > 0);
});
