// get_btf_types over stdio: answers that hold to their schema, loaded objects, modules that come
// and go, and hosts that hide the kernel's types.
import assert from "node:assert/strict";
import * as z from "zod";
import { Btf } from "../../src/btf/btf.ts";
import { BtfBuilder } from "../support/btf_builder.ts";
import { countKinds } from "../support/btf_kinds.ts";
import { type Arguments, McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { kernel, requireError, resource } from "../support/refusals.ts";

const vmlinux = "/sys/kernel/btf/vmlinux";

const answer = z.looseObject({
  source: z.string(),
  types: z.array(z.looseObject({
    id: z.int(),
    kind: z.string(),
    name: z.string().optional(),
    size: z.int().optional(),
    members: z.array(z.looseObject({ name: z.string(), offset: z.int() })).optional(),
  })).optional(),
  counts: z.record(z.string(), z.int()).optional(),
  also_in: z.array(z.string()).optional(),
  modules: z.array(z.string()).optional(),
  total: z.int(),
});

const ask = (session: McpSession, args: Arguments) => session.ask(answer, "get_btf_types", args);

/** Every way of asking, each of which must hold to the output schema and to 8 KB. */
const questions: Arguments[] = [
  {},
  { kinds: ["datasec", "var", "decl_tag", "type_tag", "float", "fwd"] },
  { pattern: "task_struct" },
  { pattern: "task_struct", depth: 3, limit: 2 },
  { pattern: "/^bpf_.*_type$/", kinds: ["enum"], depth: 1 },
  { pattern: "*_operations", as: "c" },
  { pattern: "list_head", containers: "pointer" },
  { path: "task_struct.files->fdt->fd[0].f_inode" },
  { id: 1 },
];

kernelTest("get_btf_types answers every question within its schema and 8 KB", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  for (const args of questions) {
    const { isError, content: [{ text }] } = await session.call("get_btf_types", args);
    assert.notEqual(isError, true, text);
    const bytes = new TextEncoder().encode(text).length;
    assert.ok(bytes <= 8192, `${JSON.stringify(args)}: ${bytes} bytes`);
    await ask(session, args);
  }
});

kernelTest("get_btf_types gives the types of a loaded object by its BTF's id", async () => {
  await using session = await McpSession.start({ args: ["--role", "operator", "--objects", "/"] });
  const { programs: [program] } = await session.load(await buildObject("flood"));
  const state = z.looseObject({
    programs: z.looseObject({ items: z.tuple([z.looseObject({ btf_id: z.int() })]) }),
  });
  const { programs: { items: [{ btf_id }] } } = await session.ask(state, "inspect_state", {
    fields: ["programs"],
    ids: [program.program_id],
  });
  const { source, counts } = await ask(session, { btf_id });
  assert.equal(source, `btf ${btf_id}`);
  assert.deepEqual(counts, await countKinds("id", `${btf_id}`));
  const { types: [found] = [] } = await ask(session, { btf_id, pattern: program.name });
  assert.deepEqual([found?.kind, found?.name], ["func", program.name]);
});

/** Split BTF on this kernel's with one struct of so many bytes. */
async function moduleBtf(bytes: number): Promise<Uint8Array> {
  const base = Btf.parse(await Deno.readFile(vmlinux));
  const { typeCount, stringsLength } = base;
  const builder = new BtfBuilder({ typeCount, stringsLength });
  const [char = 0] = base.find("char", "int");
  builder.struct("ebpf_mcp_made_up", bytes, [{ name: "text", type: builder.array(char, bytes) }]);
  return builder.bytes();
}

/** Runs the server where `folder` lies over what the kernel shows of its types. */
function hiding(folder: string): string[] {
  const script = `mount --bind ${folder} /sys/kernel/btf && exec "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, "sh"];
}

kernelTest("get_btf_types notices that a module went, came, and came back as another", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.copyFile(vmlinux, `${folder}/vmlinux`);
    await using session = await McpSession.start({
      args: ["--role", "viewer"],
      wrapper: hiding(folder),
    });
    const gone = resource("btf_not_found", { says: /module "made_up"/ });
    requireError(await session.refusal("get_btf_types", { module: "made_up" }), gone);
    for (const bytes of [16, 24]) {
      await Deno.writeFile(`${folder}/new`, await moduleBtf(bytes));
      await Deno.rename(`${folder}/new`, `${folder}/made_up`);
      const { modules } = await ask(session, {});
      assert.deepEqual(modules, ["made_up"]);
      const { types, counts } = await ask(session, { module: "made_up" });
      assert.deepEqual(counts, { struct: 1, array: 1 });
      const sizes = types?.filter(({ kind }) => kind === "struct").map(({ size }) => size);
      assert.deepEqual(sizes, [bytes]);
    }
    const { also_in, total } = await ask(session, { pattern: "ebpf_mcp_made_up" });
    assert.deepEqual([total, also_in], [0, ["made_up"]]);
    await Deno.remove(`${folder}/made_up`);
    requireError(await session.refusal("get_btf_types", { module: "made_up" }), gone);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

kernelTest("get_btf_types asks the kernel by id where sysfs hides its types", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using session = await McpSession.start({
      args: ["--role", "viewer"],
      wrapper: hiding(folder),
    });
    const { source, counts } = await ask(session, {});
    assert.equal(source, "vmlinux");
    assert.deepEqual(counts, await countKinds("file", vmlinux));
  } finally {
    await Deno.remove(folder);
  }
});

kernelTest("get_btf_types says what would help where there is no way to the types", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const without = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
    await using session = await McpSession.start({
      args: ["--role", "viewer"],
      wrapper: [...hiding(folder), ...without],
    });
    const error = await session.refusal("get_btf_types", { pattern: "task_struct" });
    requireError(error, kernel("feature_missing", { recoverable: false, says: /kernel's types/ }));
    assert.match(String(error.context.hint), /CONFIG_DEBUG_INFO_BTF.*sysfs.*CAP_SYS_ADMIN/);
  } finally {
    await Deno.remove(folder);
  }
});
