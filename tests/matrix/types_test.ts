// get_btf_types beside bpftool on each kernel, the modules that are loaded there included.
import assert from "node:assert/strict";
import * as z from "zod";
import { countKinds } from "../support/btf_kinds.ts";
import { McpSession } from "../support/client.ts";
import { kernelTest } from "../support/kernel_test.ts";

const vmlinux = "/sys/kernel/btf/vmlinux";
/** Under emulation bpftool takes seconds for each. */
const MOST_MODULES = 2;

const answer = z.looseObject({
  counts: z.record(z.string(), z.int()).optional(),
  modules: z.array(z.string()).optional(),
  types: z.array(z.looseObject({ name: z.string().optional(), size: z.int().optional() }))
    .optional(),
  path: z.looseObject({ type: z.string(), reads: z.array(z.unknown()) }).optional(),
});

kernelTest("get_btf_types counts types of kernel and modules as bpftool does", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const { counts, modules = [] } = await session.ask(answer, "get_btf_types");
  assert.deepEqual(counts, await countKinds("file", vmlinux));
  const shown = [...Deno.readDirSync("/sys/kernel/btf")].map(({ name }) => name);
  assert.deepEqual(modules, shown.filter((name) => name !== "vmlinux").sort());
  for (const module of modules.slice(0, MOST_MODULES)) {
    const { counts } = await session.ask(answer, "get_btf_types", { module });
    const expected = await countKinds("-B", vmlinux, "file", `/sys/kernel/btf/${module}`);
    assert.deepEqual(counts, expected, module);
  }
});

kernelTest("get_btf_types follows a path that every kernel has", async () => {
  await using session = await McpSession.start({ args: ["--role", "viewer"] });
  const { path } = await session.ask(answer, "get_btf_types", {
    path: "task_struct.mm.exe_file.f_path.dentry",
  });
  assert.equal(path?.type, "struct dentry *");
  assert.equal(path.reads.length, 3);
});
