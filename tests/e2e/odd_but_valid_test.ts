// Objects that are unusual and right: they load, and do what they say.
import assert from "node:assert/strict";
import { type Arguments, McpSession } from "../support/client.ts";
import { assertGone, assertPresent, heldBy, madeBy, untilGone } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ObjectFolder } from "../support/object_folder.ts";
import { buildObject } from "../support/objects.ts";
import { requireError, validation } from "../support/refusals.ts";

const operator = ["--role", "operator", "--objects", "/"];
const MIB = 1024 * 1024;

kernelTest("an object without maps loads", async () => {
  await using session = await McpSession.start({ args: operator });
  const object = await session.load(await buildObject("no_maps"));
  assert.deepEqual([object.programs_total, object.maps_total], [1, 0]);
  await assertPresent(madeBy(object));
});

kernelTest("an object with 200 programs loads, and says how many it does not list", async () => {
  const wide = ["--byte-budget", String(MIB)];
  await using session = await McpSession.start({ args: [...operator, ...wide] });
  const path = await buildObject("many_programs");
  const object = await session.load(path);
  assert.equal(object.programs_total, 200);
  assert.equal(new Set(object.programs.map(({ program_id }) => program_id)).size, 200);
  assert.equal(heldBy(session.pid).programs.length, 200);
  await session.unload(object.object_id);
  await assertGone(madeBy(object));
  await using narrow = await McpSession.start({ args: operator });
  const cut = await narrow.load(path);
  assert.equal(cut.programs_total, 200);
  assert.ok(cut.truncated && cut.programs.length < 200);
});

kernelTest("a file of 30 MiB with debug sections loads", async () => {
  await using session = await McpSession.start({ args: operator });
  const path = await buildObject("big_debug");
  assert.ok((await Deno.stat(path)).size > 30 * MIB);
  const object = await session.load(path);
  await assertPresent(madeBy(object));
});

kernelTest("an object in base64 loads as the same object from a file does", async () => {
  await using session = await McpSession.start({ args: operator });
  const path = await buildObject("flood");
  const bytes = await Deno.readFile(path);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const checksum = `sha256:${digest.toHex()}`;
  const fromFile = await session.load(path, { checksum });
  const source = { type: "data", blob: bytes.toBase64() };
  const fromData = await session.load(source, { checksum, name: "flood" });
  const shape = ({ programs, maps }: typeof fromFile) => ({
    programs: programs.map(({ name, tag, type }) => [name, tag, type]),
    maps: maps.map(({ name, type, value_bytes }) => [name, type, value_bytes]),
  });
  assert.deepEqual(shape(fromData), shape(fromFile));
});

kernelTest("an object loads from a link and a folder within the allowed folders", async () => {
  await using folder = await ObjectFolder.make();
  await using session = await McpSession.start({
    args: ["--role", "operator", "--objects", folder.path],
  });
  await folder.add("no_maps");
  await folder.link("link.o", "no_maps.o");
  await Deno.mkdir(`${folder.path}/inner`);
  await folder.link("inner/up.o", "../no_maps.o");
  for (const name of ["no_maps.o", "link.o", "inner/up.o", "./inner//up.o"]) {
    for (const path of [name, `${folder.path}/${name}`]) {
      const object = await session.load(path);
      assert.equal(object.programs_total, 1, path);
    }
  }
});

kernelTest("a map that asks to be pinned is not", async () => {
  await using session = await McpSession.start({ args: operator });
  const object = await session.load(await buildObject("pinned_map"));
  const map = object.maps.find(({ name }) => name.startsWith("ebpf_mcp_test"));
  assert.ok(map !== undefined, JSON.stringify(object.maps));
  const pinned = [...Deno.readDirSync("/sys/fs/bpf")].map(({ name }) => name);
  assert.ok(!pinned.includes("ebpf_mcp_test_pinned"));
  await session.unload(object.object_id);
  await assertGone(madeBy(object));
});

kernelTest("globals without BTF keep their values", async () => {
  await using session = await McpSession.start({ args: operator });
  const object = await session.load(await buildObject("no_btf"));
  const map = object.maps.find(({ name }) => name.endsWith(".rodata"));
  const { entries, typed } = await session.dump({ map_id: map?.map_id });
  assert.equal(typed, false);
  assert.deepEqual(entries, [{ key: "00000000", value: "02000000" }]); // XDP_PASS
});

const globals: Arguments = {
  ro_bool: false,
  ro_char: 120, // one char is a number, an array of them a text
  ro_s8: -128,
  ro_u8: 255,
  ro_s16: -32768,
  ro_u16: 65535,
  ro_s32: -2147483648,
  ro_u32: 4294967295,
  ro_s64: "-9223372036854775808",
  ro_u64: "18446744073709551615",
  ro_mode: "MODE_ON",
  ro_direction: "DIRECTION_FORTH",
  ro_text: "fifteen letters",
  ro_numbers: [4, 3, 2, 1],
  ro_range: { first: 7, last: 9, stride: { step: 300, inclusive: false } },
  rw_s32: 2147483647,
  rw_u64: 9007199254740991,
  rw_text: 'é"\\',
  rw_range: { first: 1, last: 2, stride: { step: -1, inclusive: true } },
};

kernelTest("globals of every type are what the caller set, in the kernel too", async () => {
  await using session = await McpSession.start({ args: operator });
  await session.load(await buildObject("globals"), { globals });
  const read = async (map_name: string) => {
    const { entries: [{ value }], typed } = await session.dump({ map_name });
    assert.equal(typed, true);
    return Object(value);
  };
  const all = { ...await read("globals.rodata"), ...await read("globals.data") };
  for (const [name, value] of Object.entries(globals)) assert.deepEqual(all[name], value, name);
});

kernelTest("globals that are not set keep their initial values", async () => {
  await using session = await McpSession.start({ args: operator });
  const initial = { rw_s32: -1, rw_hidden: 7, rw_u64: "1234605616436508552" };
  await session.load(await buildObject("globals"), { globals: { rw_text: "changed" } });
  const { entries: [{ value }] } = await session.dump({ map_name: "globals.data" });
  const { rw_range, ...rest } = Object(value);
  assert.deepEqual(rest, { ...initial, rw_text: "changed" });
  assert.deepEqual(rw_range, { first: 1, last: 9, stride: { step: 3, inclusive: false } });
});

kernelTest("verify_only reports what a load would, and leaves nothing", async () => {
  await using session = await McpSession.start({ args: operator });
  const object = await session.load(await buildObject("flood"), {
    constraints: { verify_only: true, max_instructions: 1_000_000 },
  });
  assert.deepEqual([object.object_id, object.released], [null, true]);
  assert.equal(object.programs.length, 2);
  assert.ok(
    object.programs.every(({ verified_instructions }) => Number(verified_instructions) > 0),
  );
  assert.match(object.verifier_log, /processed \d+ insns/);
  assert.deepEqual(heldBy(session.pid), { programs: [], maps: [], links: [], btfs: [] });
  await untilGone(madeBy(object), 2_000);
});

const hiding = {
  plain: "ktime_get_ns",
  in_static_subprogram: "ktime_get_ns",
  in_global_function: "ktime_get_ns",
  in_callback: "ktime_get_ns",
  in_nested_subprogram: "ktime_get_ns",
  calls_kfunc: "bpf_task_from_pid",
} as const;

kernelTest("allowed_helpers finds a call wherever it hides", async (t) => {
  await using session = await McpSession.start({ args: operator });
  const source = { type: "file", path: await buildObject("hidden_helpers") };
  const constrained = (program: string, allowed_helpers: readonly string[]) => {
    return { programs: [program], constraints: { allowed_helpers } };
  };
  for (const [program, callee] of Object.entries(hiding)) {
    await t.step(program, async () => {
      const rest = constrained(program, ["bpf_loop"]);
      const error = await session.refusal("load_program", { source, ...rest });
      requireError(error, validation("constraint_violated", { says: new RegExp(callee) }));
      const allowed = program === "calls_kfunc"
        ? ["bpf_task_from_pid", "bpf_task_release"]
        : ["bpf_loop", "bpf_ktime_get_ns"];
      const object = await session.load(source, constrained(program, allowed));
      assert.equal(object.programs_total, 1);
      await session.unload(object.object_id);
    });
  }
  const object = await session.load(source, constrained("innocent", []));
  assert.equal(object.programs_total, 1);
  assert.equal(heldBy(session.pid).programs.length, 1, "what was refused is not held");
});

kernelTest("max_instructions counts subprograms too", async () => {
  await using session = await McpSession.start({ args: operator });
  const source = { type: "file", path: await buildObject("hidden_helpers") };
  const programs = ["in_nested_subprogram"];
  const { programs: [{ instructions }] } = await session.load(source, { programs });
  assert.ok(instructions > 4, `${instructions} instructions`);
  const limited = (max_instructions: number) => ({ programs, constraints: { max_instructions } });
  await session.load(source, limited(instructions));
  const error = await session.refusal("load_program", { source, ...limited(instructions - 1) });
  const says = new RegExp(`${instructions} instructions, wanted at most ${instructions - 1}`);
  requireError(error, validation("constraint_violated", { says }));
});
