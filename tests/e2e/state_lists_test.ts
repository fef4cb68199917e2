// inspect_state's lists beside bpftool's, every field of a hundred objects of each of many kinds.
import assert from "node:assert/strict";
import * as z from "zod";
import { attachProgram } from "../../src/kernel/attach/attach.ts";
import type { AttachSpec } from "../../src/kernel/attach/spec.ts";
import { linkInfo } from "../../src/kernel/link_info.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { bpftoolBatch, bpftoolRows } from "../support/bpftool_lists.ts";
import { TestCgroup } from "../support/cgroup.ts";
import { McpSession } from "../support/client.ts";
import { bpftool } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load } from "../support/loaded.ts";
import { PinFolder } from "../support/pin_folder.ts";

const EACH = 100;
/** A control group takes at most 64 programs of one attach type. */
const GROUPS = 2;
const INSTRUCTION_BYTES = 8;
/** Pages of many sizes come of a budget that no list fits. */
const server = { args: ["--role", "viewer", "--byte-budget", "262144"] };

const related = {
  mine: z.boolean(),
  pins: z.array(z.string()),
  owners: z.array(z.object({ pid: z.int(), comm: z.string(), fd: z.int() })),
  omitted: z.record(z.string(), z.int()).optional(),
};
const rows = {
  programs: z.looseObject({
    program_id: z.int(),
    map_ids: z.array(z.int()),
    translated_instructions: z.int(),
    jited_bytes: z.int(),
    loaded_at: z.string(),
    attached: z.array(z.object({ link_id: z.int().nullable(), target: z.string() })),
    ...related,
  }),
  maps: z.looseObject({
    map_id: z.int(),
    frozen: z.boolean(),
    used_by: z.array(z.object({ program_id: z.int(), name: z.string() })),
    ...related,
  }),
  links: z.looseObject({
    link_id: z.int(),
    target: z.string(),
    hook: z.record(z.string(), z.union([z.string(), z.number()])),
    ...related,
  }),
  btf: z.looseObject({
    btf_id: z.int(),
    program_ids: z.array(z.int()),
    map_ids: z.array(z.int()),
    mine: z.boolean(),
    owners: related.owners,
    omitted: related.omitted,
  }),
};

type List = keyof typeof rows;
type RowOf<Name extends List> = z.infer<typeof rows[Name]>;

/** All pages of one list. */
async function readAll<Name extends List>(
  session: McpSession,
  list: Name,
  schema: z.ZodType<RowOf<Name>>,
): Promise<{ row: RowOf<Name>; hurried: boolean }[]> {
  const page = z.object({
    items: z.array(schema),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
  });
  const all: { row: RowOf<Name>; hurried: boolean }[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const args = { fields: [list], limit: 1000, ...(cursor === null ? {} : { cursor }) };
    const shape = z.record(z.string(), z.unknown());
    const answer = await session.ask(shape, "inspect_state", args);
    // a machine that is busy enough leaves no time to look for every owner, and that is said
    const notes = z.array(z.string()).default([]).parse(answer.notes);
    const hurried = notes.some((note) => note.includes("not every owner"));
    const { items, truncated, next_cursor } = page.parse(answer[list]);
    assert.equal(truncated, next_cursor !== null);
    all.push(...items.map((row) => ({ row, hurried })));
    cursor = next_cursor;
    pages++;
  } while (cursor !== null);
  assert.ok(pages > 1 || list === "links" || list === "btf", `${list} in ${pages} pages`);
  return all;
}

/** bpftool's objects of a kind whose ids are wanted, with pins. */
async function show<Item extends { id: number }>(
  kind: string,
  item: z.ZodType<Item>,
  wanted: ReadonlySet<number>,
): Promise<Map<number, Item>> {
  const all = z.array(z.looseObject({ id: z.int() })).parse(await bpftool("-f", kind, "show"));
  const ours = all.filter(({ id }) => wanted.has(id)).map((one) => item.parse(one));
  assert.equal(ours.length, wanted.size, kind);
  return new Map(ours.map((one) => [one.id, one]));
}

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

/** A hundred objects of ten kinds of program and a hundred of fourteen kinds of map. */
class Crowd implements AsyncDisposable {
  readonly objects: LoadedObject[] = [];
  readonly #owned = new AsyncDisposableStack();

  static async load(): Promise<Crowd> {
    const crowd = new Crowd();
    for (let count = 0; count < EACH; count++) {
      for (const name of ["attach_kinds", "maps"] as const) {
        crowd.objects.push(crowd.#owned.use(await load(name)));
      }
    }
    return crowd;
  }

  get programs(): Set<number> {
    return new Set(this.objects.flatMap(({ programs }) => programs.map(({ info }) => info.id)));
  }

  get maps(): Set<number> {
    return new Set(this.objects.flatMap(({ maps }) => maps.map(({ info }) => info.id)));
  }

  get btfs(): Set<number> {
    return new Set(this.objects.flatMap(({ programs, maps }) => {
      return [...programs, ...maps].flatMap(({ info }) => info.btfId ?? []);
    }));
  }

  /** One link of each object's program of this name; ids of the links. */
  attach(name: string, specOf: (index: number) => AttachSpec): number[] {
    const found = this.objects.flatMap(({ programs }) => {
      return programs.filter(({ program }) => program.name === name);
    });
    return found.flatMap(({ program }, index) => {
      const links = attachProgram(program, specOf(index));
      for (const link of links) this.#owned.use(link);
      return links.map(({ fd }) => linkInfo(fd).id);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

async function pinAll(folder: PinFolder, kind: string, ids: readonly number[]): Promise<void> {
  await bpftoolBatch(ids.map((id) => `${kind} pin id ${id} ${folder.path}/${kind}_${id}`));
}

/**
 * Maps as bpftool shows each by itself: its list tells, for a map without BTF, that of the map
 * before it (7.1).
 */
async function showEachMap(ids: readonly number[]): Promise<z.infer<typeof bpftoolRows.map>[]> {
  const shown = await bpftoolBatch(ids.map((id) => `map show id ${id}`));
  return shown.map((one) => bpftoolRows.map.parse(one));
}

kernelTest("inspect_state's lists are bpftool's on a crowded host, field by field", async (t) => {
  await using groups = new AsyncDisposableStack();
  const paths: string[] = [];
  for (let count = 0; count < GROUPS; count++) {
    paths.push(groups.use(await TestCgroup.make()).path);
  }
  await using crowd = await Crowd.load();
  // a tracepoint and a clock that hardly ever fire
  const links = [
    ...crowd.attach("on_raw_tracepoint", () => ({ type: "raw_tracepoint", name: "cgroup_rename" })),
    ...crowd.attach("on_cgroup_egress", (index) => {
      return { type: "cgroup", path: paths[index % GROUPS], attach_type: "egress" };
    }),
    ...crowd.attach("on_perf_event", () => {
      return { type: "perf_event", event: "cpu_migrations", period: 1_000_000_000, cpu: 0 };
    }),
  ];
  assert.equal(links.length, 3 * EACH);
  await using pins = await PinFolder.make();
  const [programs, maps] = [[...crowd.programs], [...crowd.maps]];
  await pinAll(pins, "prog", programs.slice(0, EACH));
  await pinAll(pins, "map", maps.slice(0, EACH));
  await pinAll(pins, "link", links.slice(0, EACH));
  await using session = await McpSession.start(server);
  await t.step("programs", () => comparePrograms(session, crowd));
  await t.step("maps", () => compareMaps(session, crowd));
  await t.step("links", () => compareLinks(session, new Set(links), paths));
  await t.step("btf", () => compareBtf(session, crowd));
}, { patienceMs: 20_000 });

async function comparePrograms(session: McpSession, crowd: Crowd): Promise<void> {
  const known = await show("prog", bpftoolRows.prog, crowd.programs);
  const wanted = crowd.programs;
  const list = await readAll(session, "programs", rows.programs);
  const ours = list.filter(({ row }) => wanted.has(row.program_id));
  assert.deepEqual(ours.map(({ row }) => row.program_id), sorted([...crowd.programs]));
  for (const { row, hurried } of ours) {
    const one = known.get(row.program_id);
    assert.ok(one !== undefined);
    assert.deepEqual({
      id: row.program_id,
      type: row.type,
      name: row.name,
      tag: row.tag,
      gpl_compatible: row.gpl_compatible,
      uid: row.uid,
      bytes_xlated: row.translated_instructions * INSTRUCTION_BYTES,
      jited: row.jited_bytes > 0,
      bytes_jited: row.jited_bytes,
      bytes_memlock: row.memory_bytes,
      map_ids: sorted(row.map_ids),
      btf_id: row.btf_id,
      pinned: row.pins,
    }, {
      id: one.id,
      type: one.type,
      name: one.name,
      tag: one.tag,
      gpl_compatible: one.gpl_compatible,
      uid: one.uid,
      bytes_xlated: one.bytes_xlated,
      jited: one.jited,
      bytes_jited: one.bytes_jited ?? 0,
      bytes_memlock: one.bytes_memlock,
      map_ids: sorted(one.map_ids ?? []),
      btf_id: one.btf_id ?? null,
      pinned: one.pinned ?? [],
    });
    const loadedAt = new Date(row.loaded_at).getTime() / 1000;
    assert.ok(Math.abs(loadedAt - one.loaded_at) < 3, row.loaded_at);
    if (!hurried) assertHeldHere("prog_id", row.program_id, row.owners);
  }
  assert.ok(new Set(ours.map(({ row }) => row.type)).size >= 7, "kinds of program");
}

async function compareMaps(session: McpSession, crowd: Crowd): Promise<void> {
  const known = await show("map", bpftoolRows.map, crowd.maps);
  const wanted = crowd.maps;
  const list = await readAll(session, "maps", rows.maps);
  const ours = list.filter(({ row }) => wanted.has(row.map_id));
  const plain = ours.filter(({ row }) => row.btf_id === null).map(({ row }) => row.map_id);
  assert.ok(plain.length >= EACH, "maps without BTF");
  for (const one of await showEachMap(plain)) {
    assert.equal(one.btf_id, undefined);
    known.set(one.id, { ...known.get(one.id), ...one, btf_id: undefined });
  }
  assert.deepEqual(ours.map(({ row }) => row.map_id), sorted([...crowd.maps]));
  for (const { row, hurried } of ours) {
    const one = known.get(row.map_id);
    assert.deepEqual({
      id: row.map_id,
      type: row.type,
      name: row.name,
      flags: row.flags,
      bytes_key: row.key_bytes,
      bytes_value: row.value_bytes,
      max_entries: row.max_entries,
      bytes_memlock: row.memory_bytes,
      frozen: row.frozen ? 1 : 0,
      btf_id: row.btf_id ?? undefined,
      pinned: row.pins,
    }, { btf_id: undefined, pinned: [], ...one });
    if (!hurried) assertHeldHere("map_id", row.map_id, row.owners);
  }
  assert.ok(new Set(ours.map(({ row }) => row.type)).size >= 8, "kinds of map");
}

async function compareLinks(
  session: McpSession,
  links: ReadonlySet<number>,
  paths: readonly string[],
): Promise<void> {
  const known = await show("link", bpftoolRows.link, links);
  const list = await readAll(session, "links", rows.links);
  const ours = list.filter(({ row }) => links.has(row.link_id));
  assert.deepEqual(ours.map(({ row }) => row.link_id), sorted([...links]));
  const places = { raw_tracepoint: "tp_name", cgroup: "cgroup_id" } as const;
  for (const { row, hurried } of ours) {
    const one = known.get(row.link_id);
    assert.ok(one !== undefined);
    assert.deepEqual([row.type, row.program_id, row.pins], [
      one.type,
      one.prog_id,
      one.pinned ?? [],
    ]);
    if (one.type === "raw_tracepoint") assert.equal(row.hook.name, one[places.raw_tracepoint]);
    if (one.type === "cgroup") {
      assert.equal(row.hook.cgroup_id, one[places.cgroup]);
      assert.ok(paths.includes(String(row.hook.path)));
      assert.match(String(row.hook.attach_type), new RegExp(`${one.attach_type}$`));
    }
    if (!hurried) assertHeldHere("link_id", row.link_id, row.owners);
  }
}

async function compareBtf(session: McpSession, crowd: Crowd): Promise<void> {
  const wanted = new Set([...crowd.btfs, 1]);
  const known = await show("btf", bpftoolRows.btf, wanted);
  const list = await readAll(session, "btf", rows.btf);
  const ours = list.filter(({ row }) => wanted.has(row.btf_id));
  assert.deepEqual(ours.map(({ row }) => row.btf_id), sorted([...wanted]));
  for (const { row } of ours) {
    const one = known.get(row.btf_id);
    assert.ok(one !== undefined);
    const shown = (ids: readonly number[]) =>
      sorted(ids).slice(0, row.omitted === undefined ? ids.length : 16);
    assert.deepEqual([row.bytes, row.name, row.type, row.program_ids, row.map_ids], [
      one.size,
      one.name ?? null,
      one.kernel ? "vmlinux" : "program",
      shown(one.prog_ids),
      shown(one.map_ids),
    ]);
    const cut = Object.values(row.omitted ?? {}).reduce((sum, count) => sum + count, 0);
    const told = row.program_ids.length + row.map_ids.length + cut;
    assert.equal(told, one.prog_ids.length + one.map_ids.length);
  }
}

/** This process is among the owners, with a descriptor that procfs says is of the object. */
function assertHeldHere(
  field: string,
  id: number,
  owners: readonly { readonly pid: number; readonly fd: number }[],
): void {
  const own = owners.find(({ pid }) => pid === Deno.pid);
  assert.ok(own !== undefined, `${field} ${id}`);
  const text = Deno.readTextFileSync(`/proc/self/fdinfo/${own.fd}`);
  assert.match(text, new RegExp(`^${field}:\\s*${id}$`, "m"));
}
