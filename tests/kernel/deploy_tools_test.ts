// load_program, unload_program and map_dump by the ways their arguments allow.
import assert from "node:assert/strict";
import { dumped, type Loaded, loaded, streamed, unloaded } from "../support/answers.ts";
import { assertGone, assertPresent, madeBy } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject, type ObjectName } from "../support/objects.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";

const settings = { objects: "/" };

async function fileOf(name: ObjectName) {
  return { type: "file", path: await buildObject(name) };
}

async function load(tools: ToolSession, args: Record<string, unknown>): Promise<Loaded> {
  return loaded.parse(await tools.call("load_program", args));
}

async function refused(tools: ToolSession, tool: string, args: unknown): Promise<ToolRefusal> {
  try {
    await tools.call(tool, args);
  } catch (error) {
    if (error instanceof ToolRefusal) return error;
    throw error;
  }
  return assert.fail(`${tool} took ${JSON.stringify(args)}`);
}

function hexOf(bytes: ArrayBuffer): string {
  return new Uint8Array(bytes).toHex();
}

kernelTest(
  "load_program loads the same object from a file, from bytes and by checksum",
  async () => {
    await using tools = new ToolSession(settings);
    const path = await buildObject("globals");
    const bytes = await Deno.readFile(path);
    const checksum = `sha256:${hexOf(await crypto.subtle.digest("SHA-256", bytes))}`;
    const file = await load(tools, { source: { type: "file", path }, checksum });
    const data = await load(tools, { source: { type: "data", blob: bytes.toBase64() } });
    assert.deepEqual(data.programs.map(({ tag }) => tag), file.programs.map(({ tag }) => tag));
    await assertPresent(madeBy(data));
    const wrong = { source: { type: "file", path }, checksum: `sha256:${"0".repeat(64)}` };
    assert.equal((await refused(tools, "load_program", wrong)).code, "checksum_mismatch");
    unloaded.parse(await tools.call("unload_program", { object_id: file.object_id }));
    await assertGone(madeBy(file));
    await assertPresent(madeBy(data));
  },
);

kernelTest("load_program loads a gadget by its name, and verifies without keeping", async () => {
  await using tools = new ToolSession(settings);
  const source = { type: "gadget", name: "exec_snoop" };
  const kept = await load(tools, { source });
  assert.equal(kept.released, false);
  const verified = await load(tools, { source, constraints: { verify_only: true } });
  assert.equal(verified.released, true);
  await assertGone(madeBy(verified));
  const unknown = await refused(tools, "load_program", {
    source: { ...source, name: "exec_snop" },
  });
  assert.equal(unknown.code, "unknown_gadget");
});

kernelTest("load_program refuses sources that are none, each with its code", async (t) => {
  await using tools = new ToolSession(settings);
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/text.o`, "no object");
  const rows: Record<string, readonly [Record<string, unknown>, string]> = {
    "a missing file": [{ type: "file", path: `${folder}/none.o` }, "file_not_found"],
    "a folder": [{ type: "file", path: folder }, "not_a_regular_file"],
    "a text": [{ type: "file", path: `${folder}/text.o` }, "invalid_elf"],
    "a host's object": [await fileOf("wrong_machine"), "invalid_elf"],
    "no base64": [{ type: "data", blob: "~~~~" }, "invalid_base64"],
    "bytes over the limit": [
      { type: "data", blob: new Uint8Array((4 << 20) + 1).toBase64() },
      "blob_too_large",
    ],
  };
  for (const [what, [source, code]] of Object.entries(rows)) {
    await t.step(what, async () => {
      assert.equal((await refused(tools, "load_program", { source })).code, code);
    });
  }
  await t.step("a file outside the folders", async () => {
    await using narrow = new ToolSession({ objects: folder });
    await Deno.symlink("/etc/hostname", `${folder}/link.o`);
    const source = { type: "file", path: `${folder}/link.o` };
    assert.equal((await refused(narrow, "load_program", { source })).code, "path_not_allowed");
  });
  await Deno.remove(folder, { recursive: true });
});

kernelTest("load_program refuses options that do not fit the object", async (t) => {
  await using tools = new ToolSession(settings);
  const source = await fileOf("globals");
  const rows: Record<string, readonly [Record<string, unknown>, string]> = {
    "an unknown program": [{ programs: ["nobody"] }, "unknown_program"],
    "an unknown global": [{ globals: { nothing: 1 } }, "unknown_global"],
    "a value that is too large": [{ globals: { rw_s32: 2 ** 40 } }, "value_out_of_range"],
    "too many instructions": [{ constraints: { max_instructions: 1 } }, "constraint_violated"],
    "a helper that is not allowed": [
      { constraints: { allowed_helpers: [] } },
      "constraint_violated",
    ],
    "BTF that is none": [{ btf: { blob: "AAAA" } }, "invalid_btf"],
    "BTF of nowhere": [{ btf: { path: "/nowhere" } }, "file_not_found"],
  };
  for (const [what, [rest, code]] of Object.entries(rows)) {
    await t.step(what, async () => {
      const error = await refused(tools, "load_program", { source, ...rest });
      assert.equal(error.code, code, error.message);
    });
  }
});

kernelTest("load_program says what the verifier said, and inspect_state has the rest", async () => {
  await using tools = new ToolSession(settings);
  const error = await refused(tools, "load_program", { source: await fileOf("rejected") });
  assert.equal(error.code, "program_load_rejected");
  assert.match(String(error.context.verifier_log), /./);
  const state = await tools.call("inspect_state", { fields: ["verifier"] });
  assert.match(JSON.stringify(state), /processed \d+ insns/);
});

kernelTest("unload_program and detach_link know what is not theirs", async (t) => {
  await using owner = new ToolSession(settings);
  await using other = new ToolSession(settings);
  const { programs } = await load(owner, { source: await fileOf("globals") });
  const [{ program_id }] = programs;
  const rows: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ["unload_program", { program_id }, "not_owner"],
    ["unload_program", { object_id: "object-none" }, "object_not_found"],
    ["unload_program", { program_id: 0x7ffffff0 }, "program_not_found"],
    ["detach_link", { attachment_id: "attachment-none" }, "attachment_not_found"],
    ["detach_link", { link_id: 0x7ffffff0 }, "link_not_found"],
    ["attach_program", { program_id, attachment: { type: "auto" } }, "program_not_found"],
  ];
  for (const [tool, args, code] of rows) {
    await t.step(`${tool} ${JSON.stringify(args)}`, async () => {
      assert.equal((await refused(other, tool, args)).code, code);
    });
  }
  await assertPresent({ programs: [program_id] });
});

kernelTest("map_dump reads a map by its id or by its name in the session", async () => {
  await using tools = new ToolSession(settings);
  const { maps } = await load(tools, {
    source: await fileOf("globals"),
    globals: { rw_s32: -7 },
  });
  const data = maps.find(({ name }) => name.endsWith(".data")) ?? assert.fail();
  const byId = dumped.parse(await tools.call("map_dump", { map_id: data.map_id }));
  const byName = dumped.parse(await tools.call("map_dump", { map_name: data.name }));
  assert.deepEqual(byName.entries, byId.entries);
  assert.match(JSON.stringify(byId.entries), /"rw_s32":-7/);
  const unknown = await refused(tools, "map_dump", { map_name: "no.data" });
  assert.equal(unknown.code, "map_not_found");
  const none = await refused(tools, "map_dump", { map_id: 0x7ffffff0 });
  assert.equal(none.code, "map_not_found");
});

kernelTest("run_gadget shows a process that starts, and ends with nothing left", async () => {
  await using tools = new ToolSession(settings);
  const events = tools.call("run_gadget", {
    gadget: "exec_snoop",
    params: { ppid: Deno.pid },
    duration_ms: 60_000,
    max_events: 1,
  }, { progress: (message) => void (/stream/.test(message) && start()) });
  const start = () => new Deno.Command("/bin/true").output();
  const answer = streamed.parse(await events);
  assert.equal(answer.ended_by, "max_events");
  assert.match(JSON.stringify(answer.events), /\/bin\/true/);
  const error = await refused(tools, "run_gadget", { gadget: "exec_snoop", params: { ppi: 1 } });
  assert.equal(error.category, "validation");
});
