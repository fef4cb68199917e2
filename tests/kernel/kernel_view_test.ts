// What KernelView tells of every kind of object, field by field beside bpftool.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun } from "../../scripts/command.ts";
import type { Btf } from "../../src/btf/btf.ts";
import { EBPFError } from "../../src/errors.ts";
import { Host } from "../../src/host/host.ts";
import { objectKinds, openById, walkIds, walkObjects } from "../../src/kernel/ids.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { KernelView, type ListedProgram } from "../../src/kernel/kernel_view.ts";
import { bpftoolRows } from "../support/bpftool_lists.ts";
import { assertGone, bpftool } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load } from "../support/loaded.ts";
import { buildObject } from "../support/objects.ts";

function newView(): KernelView {
  return new KernelView(new KernelBtf());
}

/** Loads an object by bpftool, pinned in a folder of its own below bpffs. */
class Pinned implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async load(object: string): Promise<Pinned> {
    const folder = `/sys/fs/bpf/ebpf-mcp-test-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
    await mustRun("mkdir", [folder]);
    const pinned = new Pinned(folder);
    await mustRun("bpftool", ["prog", "loadall", object, folder, "pinmaps", folder]);
    return pinned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await mustRun("rm", ["-r", this.folder]);
  }
}

kernelTest("KernelView.programs: agrees with bpftool field by field", async () => {
  await using object = await load("attach_kinds");
  const view = newView();
  const programs = view.programs();
  const bootedAtMs = new Host().bootedAtMs() ?? 0;
  for (const { info, program } of object.programs) {
    const ours = programs.find(({ id }) => id === info.id);
    assert.ok(ours, program.name);
    const theirs = bpftoolRows.prog.parse(await bpftool("prog", "show", "id", String(info.id)));
    assert.deepEqual(sharedFields(ours, view), {
      type: theirs.type,
      name: theirs.name,
      tag: theirs.tag,
      uid: theirs.uid,
      bytes_xlated: theirs.bytes_xlated,
      bytes_jited: theirs.bytes_jited,
      bytes_memlock: theirs.bytes_memlock,
      map_ids: theirs.map_ids ?? [],
      btf_id: theirs.btf_id ?? null,
    });
    const loadedAt = (bootedAtMs + Number(ours.loadedAtNs / 1_000_000n)) / 1000;
    assert.ok(Math.abs(loadedAt - theirs.loaded_at) < 2.5, `loaded at ${loadedAt}`);
    assert.equal(ours.name, program.name, "the whole name, past the kernel's 15 characters");
  }
});

kernelTest("KernelView.programs: what is read late of an object that is gone is null", async () => {
  const object = await load("maps");
  const view = newView();
  const [program] = object.programs;
  const [map] = object.maps;
  assert.ok(program && map);
  const listed = view.programs().find(({ id }) => id === program.info.id);
  const listedMap = view.maps().find(({ id }) => id === map.info.id);
  await object[Symbol.asyncDispose]();
  await assertGone({ programs: [program.info.id], maps: [map.info.id] });
  assert.equal(listed?.memoryBytes, null);
  assert.deepEqual([listedMap?.memoryBytes, listedMap?.frozen], [null, null]);
  assert.equal(listed?.name, program.info.name, "as far as the kernel keeps it");
});

function sharedFields(program: ListedProgram, view: KernelView) {
  return {
    type: view.names.programType(program.type),
    name: program.name,
    tag: program.tag,
    uid: program.uid,
    bytes_xlated: program.translatedBytes,
    bytes_jited: program.jitedBytes,
    bytes_memlock: program.memoryBytes,
    map_ids: [...program.mapIds],
    btf_id: program.btfId,
  };
}

kernelTest("KernelView.maps: agrees with bpftool field by field", async () => {
  await using object = await load("maps");
  const view = newView();
  const maps = view.maps();
  for (const { info } of object.maps) {
    const ours = maps.find(({ id }) => id === info.id);
    assert.ok(ours);
    const theirs = bpftoolRows.map.parse(await bpftool("map", "show", "id", String(info.id)));
    assert.deepEqual({
      id: ours.id,
      type: view.names.mapType(ours.type),
      name: ours.name,
      flags: ours.flags,
      bytes_key: ours.keyBytes,
      bytes_value: ours.valueBytes,
      max_entries: ours.maxEntries,
      bytes_memlock: ours.memoryBytes,
      frozen: ours.frozen ? 1 : 0,
      btf_id: ours.btfId ?? undefined,
    }, { btf_id: undefined, ...theirs });
  }
});

kernelTest("KernelView.btfs: agrees with bpftool on what the kernel and objects have", async () => {
  await using object = await load("two_events");
  const wanted = new Set(object.programs.flatMap(({ info }) => info.btfId ?? []).concat(1));
  const schema = z.array(z.looseObject({ id: z.int(), size: z.int(), kernel: z.boolean() }));
  const theirs = schema.parse(await bpftool("btf", "show"));
  const ours = newView().btfs();
  assert.ok(wanted.size > 1);
  for (const id of wanted) {
    const found = ours.find((btf) => btf.id === id);
    const expected = theirs.find((btf) => btf.id === id);
    assert.equal(found?.sizeBytes, expected?.size);
    assert.equal(found?.kernel, expected?.kernel);
    assert.equal(found?.name, expected?.name ?? "");
  }
});

kernelTest(
  "KernelView.pins: finds every pin, follows no link, and skips what is none",
  async () => {
    await using pinned = await Pinned.load(await buildObject("maps"));
    await mustRun("ln", ["-s", pinned.folder, `${pinned.folder}/loop`]);
    await mustRun("mkdir", [`${pinned.folder}/empty`]);
    const { pins, complete } = newView().pins([pinned.folder]);
    assert.ok(complete);
    const names = [...Deno.readDirSync(pinned.folder)].filter(({ isFile }) => isFile);
    assert.equal(pins.length, names.length);
    for (const { kind, id, path } of pins) {
      const command = kind === "program" ? "prog" : kind;
      const shown = z.looseObject({ id: z.int() }).parse(
        await bpftool(command, "show", "pinned", path),
      );
      assert.equal(shown.id, id, path);
    }
  },
);

kernelTest("walkObjects: goes on when the objects it has not reached vanish", async () => {
  const object = await load("many_programs");
  const first = object.programs[0]?.info.id ?? 0;
  const own = new Set(object.programs.map(({ info }) => info.id));
  const seen: number[] = [];
  for (const { id } of walkObjects("program")) {
    if (own.has(id)) seen.push(id);
    if (id === first) await object[Symbol.asyncDispose]();
  }
  assert.ok(seen.length >= 1 && seen.length < own.size, `${seen.length} of ${own.size}`);
});

kernelTest("walkIds: gives the ids of each kind in rising order", async () => {
  await using object = await load("many_programs");
  assert.ok(object.programs.length > 1);
  for (const kind of objectKinds) {
    const ids = [...walkIds(kind)];
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
    assert.equal(new Set(ids).size, ids.length);
  }
});

kernelTest("openById: says which kind of object does not exist", () => {
  const codes = {
    program: "program_not_found",
    map: "map_not_found",
    link: "link_not_found",
    btf: "btf_not_found",
  };
  for (const kind of objectKinds) {
    assert.throws(() => openById(kind, 0x7fff_fff0), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.category, "resource");
      assert.equal(error.code, codes[kind]);
      assert.equal(error.context.errno, 2);
      return true;
    });
  }
});

kernelTest("KernelNames: names every enumerator of the running kernel as its BTF does", () => {
  const btf = new KernelBtf().get();
  assert.ok(btf);
  const { names } = newView();
  const enums: [string, string, (value: number) => string][] = [
    ["bpf_prog_type", "BPF_PROG_TYPE_", (value) => names.programType(value)],
    ["bpf_map_type", "BPF_MAP_TYPE_", (value) => names.mapType(value)],
    ["bpf_attach_type", "BPF_", (value) => names.attachType(value)],
    ["bpf_link_type", "BPF_LINK_TYPE_", (value) => names.linkType(value)],
    ["bpf_func_id", "BPF_FUNC_", (value) => names.helper(value)],
  ];
  for (const [name, prefix, nameOf] of enums) {
    const expected = enumNames(btf, name, prefix);
    assert.ok(expected.size > 10, name);
    for (const [value, texts] of expected) assert.deepEqual([nameOf(value)], texts, name);
  }
});

kernelTest("KernelNames: lists types by number, unspec aside", () => {
  const { names } = newView();
  const lists: [string[], (value: number) => string, string][] = [
    [names.programTypes(), (value) => names.programType(value), "xdp"],
    [names.mapTypes(), (value) => names.mapType(value), "ringbuf"],
    [names.linkTypes(), (value) => names.linkType(value), "tcx"],
  ];
  for (const [types, nameOf, one] of lists) {
    assert.deepEqual(types, types.map((_, index) => nameOf(index + 1)));
    assert.ok(types.includes(one) && !types.includes("unspec"), one);
  }
});

/** The names of each value, save those that were given up. */
function enumNames(btf: Btf, name: string, prefix: string): Map<number, string[]> {
  const names = new Map<number, string[]>();
  for (const id of btf.find(name, "enum")) {
    for (const enumerator of btf.enumerators(id)) {
      if (!enumerator.name.startsWith(prefix)) continue;
      const text = enumerator.name.slice(prefix.length).toLowerCase();
      if (text.endsWith("_deprecated")) continue;
      const value = Number(enumerator.value);
      names.set(value, [...names.get(value) ?? [], text]);
    }
  }
  return names;
}
