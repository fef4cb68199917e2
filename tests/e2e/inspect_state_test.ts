// inspect_state against bpftool: the same objects, the same facts, and whose they are.
import assert from "node:assert/strict";
import * as z from "zod";
import type { Loaded } from "../support/answers.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { list, show } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { PinFolder } from "../support/pin_folder.ts";
import { buildObject } from "../support/objects.ts";
import { requireError, validation } from "../support/refusals.ts";
import { Trigger } from "../support/trigger.ts";
import { VethPair } from "../support/veth_pair.ts";

const end = { total: z.int(), truncated: z.boolean(), next_cursor: z.string().nullable() };
const page = <Item>(item: z.ZodType<Item>) => z.object({ items: z.array(item), ...end });
const related = {
  mine: z.boolean(),
  pins: z.array(z.string()),
  owners: z.array(z.object({ pid: z.int(), comm: z.string(), fd: z.int() })),
};

const state = z.looseObject({
  programs: page(z.looseObject({
    program_id: z.int(),
    name: z.string(),
    type: z.string(),
    attached: z.array(z.looseObject({ link_id: z.int().nullable(), target: z.string() })),
    map_ids: z.array(z.int()),
    ...related,
  })).optional(),
  maps: page(z.looseObject({
    map_id: z.int(),
    used_by: z.array(z.looseObject({ program_id: z.int() })),
    ...related,
  })).optional(),
  links: page(z.looseObject({ link_id: z.int(), program_id: z.int().nullable(), ...related }))
    .optional(),
  session: page(z.looseObject({ kind: z.string() })).optional(),
  verifier: page(z.looseObject({ program: z.string().nullable(), text: z.string() })).optional(),
  tools: page(z.looseObject({ name: z.string() })).optional(),
});

const inspect = (session: McpSession, args: Arguments) => session.ask(state, "inspect_state", args);

/** An attached object; its owner is `session`. */
async function occupy(session: McpSession, trigger: Trigger): Promise<Loaded> {
  const object = await session.load(await buildObject("flood"), {
    globals: { target_pid: trigger.pid },
  });
  const program = object.programs.find(({ name }) => name === "on_getppid");
  assert.ok(program !== undefined);
  await session.attach(program.program_id, { type: "auto" });
  return object;
}

const operator = { args: ["--role", "operator", "--objects", "/"] };

kernelTest("inspect_state says of a program what bpftool says", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(operator);
  await occupy(session, trigger);
  const { programs } = await inspect(session, { mine: true, fields: ["programs"] });
  assert.equal(programs?.total, 2);
  for (const row of programs?.items ?? []) {
    const known = await show("prog", row.program_id);
    assert.ok(known !== null);
    assert.deepEqual({
      type: row.type,
      name: row.name,
      tag: row.tag,
      uid: row.uid,
      bytes_xlated: Number(row.translated_instructions) * 8,
      bytes_jited: row.jited_bytes,
      bytes_memlock: row.memory_bytes,
      map_ids: row.map_ids.toSorted((a, b) => a - b),
      btf_id: row.btf_id,
    }, {
      type: known.type,
      name: known.name,
      tag: known.tag,
      uid: known.uid,
      bytes_xlated: known.bytes_xlated,
      bytes_jited: known.bytes_jited,
      bytes_memlock: known.bytes_memlock,
      map_ids: z.array(z.int()).parse(known.map_ids).toSorted((a, b) => a - b),
      btf_id: known.btf_id,
    });
    const loadedAt = new Date(String(row.loaded_at)).getTime() / 1000;
    assert.ok(Math.abs(loadedAt - Number(known.loaded_at)) < 3, String(row.loaded_at));
    // others may hold it for a moment, to look at it
    assert.ok(row.owners.some(({ pid }) => pid === session.pid), JSON.stringify(row.owners));
  }
});

kernelTest("inspect_state says of maps and links what bpftool says", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(operator);
  const { programs } = await occupy(session, trigger);
  const { maps, links } = await inspect(session, { mine: true, fields: ["maps", "links"] });
  assert.equal(maps?.total, 3);
  for (const row of maps?.items ?? []) {
    const known = await show("map", row.map_id);
    const { type, name, flags, max_entries, key_bytes, value_bytes, memory_bytes } = row;
    assert.deepEqual([type, name, flags, max_entries, key_bytes, value_bytes, memory_bytes], [
      known?.type,
      known?.name,
      known?.flags,
      known?.max_entries,
      known?.bytes_key,
      known?.bytes_value,
      known?.bytes_memlock,
    ]);
    const users = row.used_by.map(({ program_id }) => program_id);
    assert.deepEqual(users, programs.map(({ program_id }) => program_id));
  }
  assert.equal(links?.total, 1);
  const [link] = links?.items ?? [];
  const known = await show("link", link.link_id);
  assert.deepEqual([link.type, link.program_id], ["perf_event", known?.prog_id]);
  assert.match(String(link.target), /sys_enter_getppid/);
});

kernelTest("inspect_state lists every object of the host, page by page", async () => {
  await using trigger = await Trigger.start();
  await using owner = await McpSession.start(operator);
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const theirs = (await occupy(owner, trigger)).maps.map(({ map_id }) => map_id);
  const seen: number[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const args: Arguments = { fields: ["maps"], limit: 2 };
    const { maps } = await inspect(session, cursor === undefined ? args : { ...args, cursor });
    assert.ok(maps !== undefined && maps.items.length <= 2);
    assert.equal(maps.truncated, maps.next_cursor !== null);
    for (const row of maps.items.filter(({ map_id }) => theirs.includes(map_id))) {
      assert.equal(row.mine, false);
      assert.ok(row.owners.some(({ pid }) => pid === owner.pid), JSON.stringify(row.owners));
    }
    seen.push(...maps.items.map(({ map_id }) => map_id));
    cursor = maps.next_cursor;
  }
  assert.equal(new Set(seen).size, seen.length, "no map comes twice");
  const now = (await list("map")).map(({ id }) => id);
  for (const id of theirs) assert.ok(seen.includes(id) && now.includes(id));
});

kernelTest("inspect_state filters by type, name, ids and owner", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(operator);
  const { programs } = await occupy(session, trigger);
  const [first, second] = programs.map(({ program_id }) => program_id);
  const ids = async (filters: Arguments) => {
    const { programs } = await inspect(session, { mine: true, fields: ["programs"], ...filters });
    return programs?.items.map(({ program_id }) => program_id);
  };
  assert.deepEqual(await ids({}), [first, second]);
  assert.deepEqual(await ids({ type: "syscall" }), [second]);
  assert.deepEqual(await ids({ name: "getppid" }), [first]);
  assert.deepEqual(await ids({ name: "pro*ce" }), [second]);
  assert.deepEqual(await ids({ name: "pro" }), [second]);
  assert.deepEqual(await ids({ ids: [second, 1] }), [second]);
  assert.deepEqual(await ids({ pinned_only: true }), []);
  const error = await session.refusal("inspect_state", { fields: ["programs"], type: "absent" });
  requireError(error, validation("invalid_arguments"));
});

kernelTest("inspect_state shows where an object is pinned", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(operator);
  const { maps } = await occupy(session, trigger);
  const [{ map_id }] = maps;
  await using folder = await PinFolder.make();
  const path = await folder.add("map", map_id);
  const found = await inspect(session, { mine: true, fields: ["maps"], pinned_only: true });
  const rows = found.maps?.items.map(({ map_id, pins }) => [map_id, pins]);
  assert.deepEqual(rows, [[map_id, [path]]]);
});

kernelTest("inspect_state tells what this session owns and which tools it reaches", async () => {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start(operator);
  const { programs } = await occupy(session, trigger);
  await session.stream({ program_id: programs[0].program_id, background: true });
  const { session: own } = await inspect(session, { fields: ["session"] });
  assert.deepEqual(own?.items.map(({ kind }) => kind), ["object", "attachment", "stream"]);
  const { tools } = await inspect(session, { fields: ["tools"], limit: 100 });
  const listed = (await session.client.listTools()).tools.map(({ name }) => name);
  assert.deepEqual(tools?.items.map(({ name }) => name), listed);
  const { verifier } = await inspect(session, { fields: ["verifier"] });
  assert.deepEqual(verifier?.items.map(({ program }) => program), ["on_getppid", "produce"]);
});

/** Root as far as files go, without the capability that walking ids takes. */
const withoutAdmin = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];

kernelTest(
  "inspect_state gives the session without CAP_SYS_ADMIN, and says what it lacks",
  async () => {
    await using session = await McpSession.start({ ...operator, wrapper: withoutAdmin });
    const answer = await inspect(session, {});
    assert.deepEqual(answer.session?.items, []);
    assert.equal(answer.programs, undefined);
    const missing = z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() }))
      .parse(answer.missing);
    assert.deepEqual(missing.map(({ what }) => what).sort(), ["links", "maps", "programs"]);
    for (const { why, remedy } of missing) {
      assert.match(why, /EPERM/);
      assert.match(remedy, /CAP_SYS_ADMIN/);
    }
    const error = await session.refusal("inspect_state", { fields: ["maps"] });
    assert.deepEqual([error.category, error.code], ["permission", "not_permitted"]);
  },
);

kernelTest(
  "inspect_state names the interface of another's link, and its network namespace",
  async () => {
    await using pair = await VethPair.make();
    await using owner = await McpSession.start({ ...operator, wrapper: pair.wrapper });
    await using session = await McpSession.start({ args: ["--role", "viewer"] });
    const { programs } = await owner.load(await buildObject("attach_kinds"));
    const attachments: Record<string, Arguments> = {
      on_xdp: { type: "xdp", mode: "generic", interface: pair.incoming },
      on_tc: { type: "tcx", direction: "ingress", interface: pair.outgoing },
    };
    for (const [name, attachment] of Object.entries(attachments)) {
      const id = programs.find((program) => program.name === name)?.program_id ?? 0;
      const { links: [{ link_id }] } = await owner.attach(id, attachment);
      const { links } = await inspect(session, { fields: ["links"], ids: [link_id] });
      const [link] = links?.items ?? [];
      const direction = attachment.direction === undefined ? "" : `${attachment.direction} `;
      const place = `${direction}${attachment.interface} in network namespace ${pair.namespace}`;
      assert.equal(link?.target, `${attachment.type} ${place}`);
      const hook = z.record(z.string(), z.unknown()).parse(link?.hook);
      assert.deepEqual([hook.interface, hook.netns_name], [attachment.interface, pair.namespace]);
    }
  },
);

kernelTest("inspect_state says whose owners it cannot see without CAP_SYS_PTRACE", async () => {
  const wrapper = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"];
  await using owner = await McpSession.start(operator);
  await using session = await McpSession.start({ args: ["--role", "viewer"], wrapper });
  const { programs } = await owner.load(await buildObject("no_maps"));
  const answer = await inspect(session, { fields: ["programs"], ids: [programs[0].program_id] });
  assert.deepEqual(answer.programs?.items[0].owners, []);
  const missing = z.array(z.object({ what: z.string(), why: z.string(), remedy: z.string() }))
    .parse(answer.missing);
  const owners = missing.find(({ what }) => what === "owners");
  assert.match(owners?.why ?? "", /what \d+ processes hold is not seen/);
  assert.match(owners?.remedy ?? "", /CAP_SYS_PTRACE/);
});
