// list_tracepoints and list_kernel_functions in this process, and what they keep between calls.
import assert from "node:assert/strict";
import * as z from "zod";
import { Host } from "../../src/host/host.ts";
import { absentLists, noKallsyms } from "../../src/tools/functions/absent.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { ToolRefusal, ToolSession } from "../support/tool_calls.ts";

const tracepoints = z.looseObject({
  tracepoints: z.array(z.looseObject({
    name: z.string(),
    id: z.int().nullish(),
    arguments: z.array(z.looseObject({ name: z.string(), type: z.string() })).nullish(),
    format: z.string().nullish(),
    btf_arguments: z.array(z.looseObject({ name: z.string() })).nullish(),
    cut: z.boolean().optional(),
  })),
  total: z.int(),
  nearest: z.array(z.string()).optional(),
});
const functions = z.looseObject({
  functions: z.array(z.looseObject({
    name: z.string(),
    module: z.string(),
    kprobe: z.boolean(),
    prototype: z.string().nullish(),
    address: z.string().nullish(),
  })),
  total: z.int(),
  nearest: z.array(z.string()).optional(),
});

kernelTest("list_tracepoints tells of sched_switch what its programs need", async () => {
  await using tools = new ToolSession();
  const fields = ["id", "arguments", "format", "btf_arguments"];
  const given = await tools.call("list_tracepoints", { pattern: "^sched_switch$", fields });
  const [row] = tracepoints.parse(given).tracepoints;
  assert.equal(row?.name, "sched:sched_switch");
  assert.ok((row?.id ?? 0) > 0);
  assert.equal(row?.arguments?.[0]?.type, "char[16]");
  assert.match(row?.format ?? "", /^"prev_comm=%s/);
  assert.deepEqual(row?.btf_arguments?.slice(0, 3).map(({ name }) => name), [
    "preempt",
    "prev",
    "next",
  ]);
});

kernelTest("list_tracepoints cuts a print format that is longer than an answer", async () => {
  await using tools = new ToolSession({}, { byteBudget: 2048 });
  const args = { category: "syscalls", fields: ["format", "arguments"] };
  const given = await tools.call("list_tracepoints", args);
  assert.ok(JSON.stringify(given).length <= 2048);
  const long = await tools.call("list_tracepoints", {
    pattern: "^sched_switch$",
    fields: ["format", "arguments", "btf_arguments"],
  });
  const [row] = tracepoints.parse(long).tracepoints;
  assert.equal(row?.cut, true);
  assert.ok(JSON.stringify(long).length <= 2048);
});

kernelTest("list_tracepoints names categories and tracepoints that may be meant", async () => {
  await using tools = new ToolSession();
  const near = async (args: Record<string, string>) => {
    return tracepoints.parse(await tools.call("list_tracepoints", args)).nearest;
  };
  assert.deepEqual(await near({ category: "shced" }), ["sched"]);
  assert.equal((await near({ pattern: "sched:shced_switch" }))?.[0], "sched:sched_switch");
  assert.deepEqual(await near({ category: "sched", pattern: "/^$/" }), []);
});

kernelTest("list_kernel_functions gives vfs_read first, with prototype and address", async () => {
  await using tools = new ToolSession();
  const wanted = { pattern: "vfs_read", with: ["prototype", "address"], module: "vmlinux" };
  const [row] = functions.parse(await tools.call("list_kernel_functions", wanted)).functions;
  assert.deepEqual([row?.name, row?.module], ["vfs_read", "vmlinux"]);
  assert.match(row?.prototype ?? "", /^ssize_t vfs_read\(struct file \*file, char \*buf, /);
  assert.match(row?.address ?? "", /^0x[0-9a-f]{16}$/);
});

kernelTest(
  "list_kernel_functions names what may be meant, and refuses what is broken",
  async () => {
    await using tools = new ToolSession();
    const near = async (args: Record<string, string>) => {
      return functions.parse(await tools.call("list_kernel_functions", args)).nearest;
    };
    assert.equal((await near({ pattern: "vfs_raed" }))?.[0], "vfs_read");
    assert.deepEqual(await near({ module: "vmlinus" }), ["vmlinux"]);
    assert.deepEqual(await near({ module: "nothing_near" }), []);
    await assert.rejects(tools.call("list_kernel_functions", { pattern: "/(/" }), ToolRefusal);
  },
);

kernelTest(
  "KernelSymbols keeps the functions, and reads addresses when they are asked",
  async () => {
    const { symbols } = new Host();
    const first = await symbols.read("without addresses");
    assert.equal(await symbols.read("without addresses"), first);
    const addressed = await symbols.read("with addresses");
    assert.notEqual(addressed, first);
    assert.equal(await symbols.read("without addresses"), addressed, "it knows more");
    assert.ok("functions" in first && "functions" in addressed);
    assert.equal(first.functions.address(0), null);
    assert.notEqual(addressed.functions.address(addressed.functions.count - 1), null);
    assert.deepEqual([...first.functions.names.all()], [...addressed.functions.names.all()]);
  },
);

kernelTest("KernelSymbols makes functions of names alone", () => {
  const { symbols } = new Host();
  const { functions, patchable } = symbols.named(["vfs_read", "vfs_write", "vfs_read"]);
  assert.deepEqual([...functions.names.all()], ["vfs_read", "vfs_write", "vfs_read"]);
  assert.equal(functions.names.occurrences(0), 2);
  assert.equal(functions.module(1), "vmlinux");
  assert.equal(patchable, 61);
});

kernelTest("absentLists names each list that is missing, and a remedy that helps", () => {
  const symbols = { ...new Host().symbols.named([]), patchable: 2, blacklist: 2 };
  const told = absentLists(symbols, "unknown");
  assert.deepEqual(told.map(({ remedy }) => remedy), [
    "mount -t tracefs nodev /sys/kernel/tracing",
    "mount -t debugfs nodev /sys/kernel/debug",
    "mount -t sysfs sysfs /sys",
  ]);
  assert.equal(
    absentLists(symbols, "no").length,
    1,
    "without kprobes nobody asks where none may be",
  );
  assert.match(absentLists({ ...symbols, patchable: 1 }, "no")[0]?.remedy ?? "", /\broot\b/);
  assert.match(noKallsyms(2).remedy, /^mount -t proc/);
  assert.match(noKallsyms(13).why, /may not be read/);
  assert.match(noKallsyms(5).why, /errno 5/);
});
