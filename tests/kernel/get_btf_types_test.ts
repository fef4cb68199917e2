// get_btf_types beside bpftool, on this kernel's types, a module's and a loaded object's.
import assert from "node:assert/strict";
import * as z from "zod";
import { compileBpf, writeVmlinuxHeader } from "../../scripts/bpf/compiler.ts";
import { mustRun, run } from "../../scripts/command.ts";
import { Btf } from "../../src/btf/btf.ts";
import { cText } from "../../src/btf/c_text.ts";
import { TypeCatalogue } from "../../src/btf/type_catalogue.ts";
import { countKinds } from "../support/btf_kinds.ts";
import { BtfBuilder } from "../support/btf_builder.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";

const vmlinux = "/sys/kernel/btf/vmlinux";

const typeRow = z.looseObject({
  id: z.int(),
  kind: z.string(),
  name: z.string().optional(),
  type: z.string().optional(),
  members: z.array(z.looseObject({ name: z.string(), type: z.string() })).optional(),
  values: z.array(z.object({ name: z.string(), value: z.union([z.int(), z.string()]) })).optional(),
});

const answer = z.looseObject({
  source: z.string(),
  types: z.array(typeRow).optional(),
  c: z.string().optional(),
  counts: z.record(z.string(), z.int()).optional(),
  modules: z.array(z.string()).optional(),
  nearest: z.array(z.string()).optional(),
  containers: z.array(z.looseObject({ in: z.string(), member: z.string(), offset: z.int() }))
    .optional(),
  path: z.looseObject({
    type: z.string(),
    reads: z.array(z.looseObject({ from: z.string(), fields: z.string(), offset: z.int() })),
    core_read: z.string().nullable(),
  }).optional(),
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
});

async function ask(tools: ToolSession, args: Record<string, unknown>) {
  const given = await tools.call("get_btf_types", args);
  assert.ok(JSON.stringify(given).length <= 8192, "an answer takes at most 8 KB");
  return answer.parse(given);
}

/** C text from as many pages as it takes. */
async function wholeText(tools: ToolSession, args: Record<string, unknown>): Promise<string> {
  let text = "";
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = await ask(tools, cursor === "" ? args : { ...args, cursor });
    assert.equal(page.truncated, page.next_cursor !== null);
    text += page.c ?? "";
    cursor = page.next_cursor;
  }
  return text;
}

kernelTest("get_btf_types counts every kind as bpftool does", async () => {
  await using tools = new ToolSession();
  const expected = await countKinds("file", vmlinux);
  const { counts } = await ask(tools, {});
  assert.deepEqual(counts, expected);
  for (const kind of ["struct", "func", "enum", "enum64"]) {
    assert.equal((await ask(tools, { kinds: [kind], limit: 1 })).total, expected[kind], kind);
  }
});

kernelTest("get_btf_types counts every module's types as bpftool does", async () => {
  await using tools = new ToolSession();
  const { modules = [] } = await ask(tools, {});
  const listed = (await mustRun("ls", ["/sys/kernel/btf"])).trim().split("\n");
  assert.deepEqual(modules, listed.filter((name) => name !== "vmlinux").sort());
  for (const module of modules.slice(0, 8)) {
    const expected = await countKinds("-B", vmlinux, "file", `/sys/kernel/btf/${module}`);
    assert.deepEqual((await ask(tools, { module })).counts, expected, module);
  }
});

kernelTest("TypeCatalogue counts split BTF on this kernel's as bpftool does", async () => {
  const base = new TypeCatalogue(Btf.parse(await Deno.readFile(vmlinux)), null);
  const { typeCount, stringsLength } = base.btf;
  const b = new BtfBuilder({ typeCount, stringsLength });
  const [file] = base.btf.find("file", "struct");
  const [size] = base.btf.find("size_t", "typedef");
  const own = b.struct("module_file", base.btf.sizeOf(file) + 8, [
    { name: "file", type: file },
    { name: "size", type: size, offset: base.btf.sizeOf(file) },
  ]);
  b.func("module_open", b.prototype(b.ptr(own), { file: b.ptr(file) }));
  b.enumeration("module_state", 4, { MODULE_NEW: 0 });
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/module`, b.bytes());
    const expected = await countKinds("file", `${folder}/module`, "-B", vmlinux);
    const btf = Btf.parse(b.bytes(), base.btf);
    const module = new TypeCatalogue(btf, base);
    assert.deepEqual(Object.fromEntries(module.counts), expected);
    await Deno.writeTextFile(`${folder}/module.c`, cText(btf, [own]));
    await mustRun("clang", ["-Wall", "-Werror", "-fsyntax-only", `${folder}/module.c`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

kernelTest("get_btf_types gives a function's prototype and an enum's values", async () => {
  await using tools = new ToolSession();
  const { types: functions = [] } = await ask(tools, { pattern: "vfs_read", kinds: ["func"] });
  assert.match(functions[0]?.type ?? "", /^ssize_t vfs_read\(struct file \*file, char \*buf, /);
  const { types: enums = [] } = await ask(tools, { pattern: "enum bpf_map_type" });
  const dump = await mustRun("bpftool", ["btf", "dump", "file", vmlinux, "format", "raw"]);
  const [, body = ""] = /ENUM 'bpf_map_type' .*\n((?:\t.*\n)+)/.exec(dump) ?? [];
  const expected = [...body.matchAll(/'(\w+)' val=(\d+)/g)].map(([, name, value]) => {
    return { name, value: Number(value) };
  });
  assert.ok(expected.length > 20);
  assert.deepEqual(enums[0]?.values, expected);
});

kernelTest("get_btf_types follows a path with the offsets that clang finds", async () => {
  await using tools = new ToolSession();
  const path = "task_struct.mm->exe_file.f_path.dentry";
  const { path: found, total } = await ask(tools, { path });
  assert.equal(total, 3);
  assert.equal(found?.type, "struct dentry *");
  assert.match(found.core_read ?? "", /BPF_CORE_READ\(p, mm, exe_file, f_path\.dentry\)$/);
  const btf = Btf.parse(await Deno.readFile(vmlinux));
  const types = found.reads.map(({ from }) => btf.find(from.replace("struct ", ""), "struct")[0]);
  const claims = found.reads.map(({ from, fields, offset }) => {
    return `_Static_assert(__builtin_offsetof(${from}, ${fields}) == ${offset}, "${fields}");`;
  });
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/path.c`, `${cText(btf, types)}\n${claims.join("\n")}\n`);
    await mustRun("clang", ["-fsyntax-only", `${folder}/path.c`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const readable = [
  "task_struct.mm.exe_file.f_path.dentry",
  "task_struct.sched_reset_on_fork",
  "task_struct.real_parent.sched_reset_on_fork",
  "task_struct.real_parent->comm",
  "task_struct.files.fdt.open_fds",
  "task_struct.signal.rlim[3].rlim_cur",
];

kernelTest("get_btf_types writes macros that clang compiles for BPF", async () => {
  await using tools = new ToolSession();
  const functions: string[] = [];
  for (const [index, path] of readable.entries()) {
    const { path: found } = await ask(tools, { path });
    assert.ok(found !== undefined && found.core_read !== null, path);
    const read = found.core_read;
    functions.push(`long read_${index}(struct task_struct *p) { ${bodyOf(read)}; }`);
  }
  const includes = ["vmlinux.h", "bpf/bpf_helpers.h", "bpf/bpf_core_read.h"];
  const lines = includes.map((name) => `#include <${name}>\n`).join("");
  const folder = await Deno.makeTempDir();
  try {
    await writeVmlinuxHeader();
    await Deno.writeTextFile(`${folder}/reads.c`, `${lines}${functions.join("\n")}\n`);
    const source = new URL(`file://${folder}/reads.c`);
    await compileBpf({ source, output: new URL(`file://${folder}/reads.o`) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The last of the statements is the value; an array is read into one. */
function bodyOf(read: string): string {
  if (read.includes("_INTO")) return `char value[16]; ${read}; return value[0]`;
  const at = read.lastIndexOf("; ") + 1;
  return `${read.slice(0, at)} return (long)${read.slice(at)}`;
}

kernelTest("get_btf_types finds the containers that bpftool's dump shows", async () => {
  await using tools = new ToolSession();
  const { containers = [], total } = await ask(tools, { pattern: "path", containers: "value" });
  assert.ok(total >= containers.length && containers.length > 5);
  const text = await mustRun("bpftool", ["btf", "dump", "file", vmlinux, "format", "c"]);
  const [, body = ""] = /\nstruct fs_struct \{\n([^}]*)\}/.exec(text) ?? [];
  const expected = [...body.matchAll(/\tstruct path (\w+);/g)].map(([, name]) => name);
  const found = containers.filter(({ in: owner }) => owner === "struct fs_struct");
  assert.deepEqual(found.map(({ member }) => member), expected);
});

kernelTest("get_btf_types pages through a type that is too large for one answer", async () => {
  await using tools = new ToolSession();
  const [first] = (await ask(tools, { pattern: "task_struct", kinds: ["struct"] })).types ?? [];
  assert.equal(first.name, "task_struct");
  const text = await wholeText(tools, { id: first.id, as: "c" });
  assert.ok(text.length > 8192);
  const btf = Btf.parse(await Deno.readFile(vmlinux));
  assert.equal(text, cText(btf, [first.id]));
});

kernelTest("get_btf_types names what is near when nothing is found", async () => {
  await using tools = new ToolSession();
  const { total, nearest } = await ask(tools, { pattern: "task_strcut" });
  assert.equal(total, 0);
  assert.equal(nearest?.[0], "task_struct");
});

const refused: [args: Record<string, unknown>, code: string][] = [
  [{ module: "no_such_module" }, "btf_not_found"],
  [{ module: "../vmlinux" }, "btf_not_found"],
  [{ module: "a", btf_id: 1 }, "invalid_arguments"],
  [{ path: "task_struct.mm", pattern: "path" }, "invalid_arguments"],
  [{ id: 1, pattern: "path" }, "invalid_arguments"],
  [{ containers: "value" }, "invalid_arguments"],
  [{ path: "x.y", id: 0xffff_fff0 }, "unknown_type"],
  [{ btf_id: 0xffff_fff0 }, "btf_not_found"],
  [{ id: 0xffff_fff0 }, "unknown_type"],
  [{ path: "no_such_struct.x" }, "unknown_type"],
  [{ path: "task_struct.no_such_member" }, "unknown_field"],
  [{ pattern: "no_such_struct", containers: "value" }, "unknown_type"],
  [{ pattern: "/(/" }, "invalid_arguments"],
  [{ pattern: "path", cursor: "none of ours" }, "invalid_cursor"],
];

kernelTest("get_btf_types refuses what there is not, by the right code", async () => {
  await using tools = new ToolSession();
  for (const [args, code] of refused) {
    await assert.rejects(ask(tools, args), (error) => {
      assert.ok(error instanceof ToolRefusal, `${error}`);
      assert.equal(error.code, code, `${JSON.stringify(args)}: ${error.message}`);
      return true;
    });
  }
});

const unusable: [args: Record<string, unknown>, message: string][] = [
  [{ path: "int" }, 'Cannot follow "int": "int" is an int and has no members'],
  [
    { path: "vfs_read.pos" },
    'Cannot follow "vfs_read.pos": "vfs_read" is a func and has no members',
  ],
  [
    { pattern: "vfs_read", containers: "value" },
    'Cannot find containers: "vfs_read" is a func and cannot be a member',
  ],
];

kernelTest("get_btf_types says what a name is that has no members, or is none", async () => {
  await using tools = new ToolSession();
  for (const [args, message] of unusable) {
    await assert.rejects(ask(tools, args), { message });
  }
});

kernelTest(
  "get_btf_types follows a path from an id only where the path names its type",
  async () => {
    await using tools = new ToolSession();
    const { types: [found] = [] } = await ask(tools, { pattern: "struct path" });
    const { path } = await ask(tools, { id: found.id, path: "struct path.dentry" });
    assert.equal(path?.type, "struct dentry *");
    await assert.rejects(ask(tools, { id: found.id, path: "task_struct.mm" }), {
      message: `Cannot follow "task_struct.mm" from type ${found.id}: that is "path"`,
    });
  },
);

kernelTest("get_btf_types writes C for every kind of thing that has a name", async () => {
  await using tools = new ToolSession();
  for (const pattern of ["vfs_read", "jiffies", "pid_t", "enum bpf_map_type", "union bpf_attr"]) {
    const c = await wholeText(tools, { pattern, as: "c" });
    assert.notEqual(c, "");
    const file = await Deno.makeTempFile({ suffix: ".c" });
    try {
      await Deno.writeTextFile(file, c);
      const { code, stderr } = await run("clang", ["-Wall", "-Werror", "-fsyntax-only", file]);
      assert.equal(code, 0, `${pattern}: ${c}${stderr}`);
    } finally {
      await Deno.remove(file);
    }
  }
});
