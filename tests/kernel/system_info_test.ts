// system_info beside what the host's own commands say, and inspect_state without capabilities.
import assert from "node:assert/strict";
import * as z from "zod";
import { libbpf, libc } from "../../ffi/library.ts";
import { mustRun, run } from "../../scripts/command.ts";
import { systemAnswer } from "../../src/tools/describe_system.ts";
import { systemParts } from "../../src/tools/system_info.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { launch } from "../support/server_command.ts";
import { ToolSession } from "../support/tool_calls.ts";

// Opened before the first test, which would be told that it leaks a library.
libc();
libbpf();

async function text(program: string, ...args: string[]): Promise<string> {
  return (await mustRun(program, args)).trim();
}

kernelTest("system_info: agrees with uname, getconf, sysctl and findmnt", async () => {
  await using tools = new ToolSession();
  const system = systemAnswer.parse(await tools.call("system_info", {}));
  assert.equal(system.kernel.release, await text("uname", "-r"));
  assert.equal(system.kernel.architecture, await text("uname", "-m"));
  assert.equal(system.kernel.build, await text("uname", "-v"));
  assert.equal(system.hostname, await text("uname", "-n"));
  assert.ok(system.kernel.release.startsWith(system.kernel.version ?? "?"));
  assert.equal(system.kernel.page_bytes, Number(await text("getconf", "PAGESIZE")));
  assert.equal(system.cpus.online, Number(await text("getconf", "_NPROCESSORS_ONLN")));
  assert.equal(system.process.pid, Deno.pid);
  assert.equal(system.process.uid, Deno.uid());
  assert.equal(system.btf.bytes, Number(await text("stat", "-c", "%s", "/sys/kernel/btf/vmlinux")));
  for (const name of ["kernel/unprivileged_bpf_disabled", "net/core/bpf_jit_enable"] as const) {
    const value = Number(await text("cat", `/proc/sys/${name}`));
    const found = name === "net/core/bpf_jit_enable"
      ? system.settings.bpf_jit_enable
      : system.settings.unprivileged_bpf_disabled;
    assert.equal(found, value);
  }
  const bpffs = await text("findmnt", "-nt", "bpf", "-o", "TARGET");
  const ours = system.mounts.filter(({ type }) => type === "bpf").map(({ path }) => path);
  assert.deepEqual(ours, bpffs.split("\n"));
  assert.equal(system.lockdown.mode === null, system.lockdown.reason !== null);
});

kernelTest("system_info: tells which limits this process has", async () => {
  await using tools = new ToolSession();
  const { process } = systemAnswer.parse(await tools.call("system_info", {}));
  const limits = await Deno.readTextFile("/proc/self/limits");
  const [, soft, hard] = /^Max open files\s+(\d+)\s+(\d+)/m.exec(limits) ?? [];
  assert.deepEqual(process.open_files, { soft: Number(soft), hard: Number(hard) });
});

kernelTest("system_info: gives the parts that are asked for, and no other", async () => {
  await using tools = new ToolSession();
  const stamp = ["tool_version", "execution_time_ms"];
  const parts = async (fields: readonly string[]) => {
    const told = z.looseObject({}).parse(await tools.call("system_info", { fields }));
    return Object.keys(told).filter((name) => !stamp.includes(name)).sort();
  };
  assert.deepEqual(await parts(["kernel"]), ["kernel"]);
  assert.deepEqual(await parts(["mounts", "cpus"]), ["cpus", "mounts", "mounts_total"]);
  assert.deepEqual(await parts(["features"]), ["features"]);
  assert.deepEqual(await parts(["observing", "checks"]), ["checks", "observing"]);
});

kernelTest("system_info: stays within its budget by telling fewer mounts", async () => {
  await using tools = new ToolSession({}, { byteBudget: 4096 });
  const told = z.looseObject({ mounts: z.array(z.unknown()), mounts_total: z.int() })
    .parse(await tools.call("system_info", { fields: ["checks", "mounts"] }));
  assert.ok(JSON.stringify(told).length <= 4096);
  assert.ok(told.mounts_total >= told.mounts.length && told.mounts_total > 0);
});

const cutShape = z.looseObject({
  features: z.looseObject({
    attach_types: z.looseObject({ total: z.int(), refused: z.array(z.string()) }),
    map_types: z.looseObject({ total: z.int(), refused: z.array(z.string()) }),
  }),
  truncated: z.boolean().optional(),
});

const deprivedShape = z.looseObject({
  features: z.looseObject({
    program_types: z.looseObject({ total: z.int(), unknown: z.array(z.string()) }),
  }),
  truncated: z.boolean().optional(),
});

kernelTest("system_info: says when the names of features do not fit", async () => {
  const args = { fields: ["features"] };
  await using large = new ToolSession();
  const whole = cutShape.parse(await large.call("system_info", args));
  assert.equal(whole.truncated, undefined);
  const bytes = JSON.stringify(whole).length;
  const named = whole.features.attach_types.refused.length +
    whole.features.map_types.refused.length;
  assert.ok(named > 0, "this kernel lacks something");
  await using small = new ToolSession({}, { byteBudget: bytes - 4 });
  const told = cutShape.parse(await small.call("system_info", args));
  assert.equal(told.truncated, true);
  assert.ok(JSON.stringify(told).length < bytes);
  assert.equal(told.features.attach_types.total, whole.features.attach_types.total);
});

for (
  const wrapper of [
    ["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
    ["unshare", "--user", "--map-root-user"],
  ]
) {
  kernelTest(`system_info: fits 8 KB with all its fields below ${wrapper.join(" ")}`, async () => {
    const { program, args } = launch(
      ["call", "system_info", JSON.stringify({ fields: systemParts })],
      wrapper,
    );
    const { code, stdout } = await run(program, args);
    assert.equal(code, 0);
    assert.ok(new TextEncoder().encode(stdout.trim()).length <= 8192, `${stdout.length} bytes`);
    const { features, truncated } = deprivedShape.parse(JSON.parse(stdout));
    const { total, unknown } = features.program_types;
    assert.deepEqual(unknown, [`all of ${total}`]);
    assert.equal(truncated, undefined);
  });
}

const answer = z.looseObject({
  error: z.looseObject({
    category: z.string(),
    code: z.string(),
    recoverable: z.boolean(),
    context: z.looseObject({ errno_name: z.string(), hint: z.string() }),
  }),
});

/** Calls a tool in a process that never had CAP_SYS_ADMIN. */
async function callWithoutAdmin(...args: string[]) {
  const without = ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
  const command = launch(["call", ...args], ["setpriv", ...without]);
  const { code, stdout } = await run(command.program, command.args);
  const value: unknown = JSON.parse(stdout);
  return { code, value };
}

kernelTest("inspect_state: says which capability it lacks", async () => {
  const { code, value } = await callWithoutAdmin("inspect_state", '{"fields":["programs"]}');
  assert.equal(code, 1);
  const { error } = answer.parse(value);
  assert.equal(error.category, "permission");
  assert.equal(error.code, "not_permitted");
  assert.equal(error.recoverable, false);
  assert.equal(error.context.errno_name, "EPERM");
  assert.match(error.context.hint, /CAP_SYS_ADMIN/);
});

kernelTest("system_info: needs no capability and tells what is missing", async () => {
  const { code, value } = await callWithoutAdmin("system_info", "{}");
  assert.equal(code, 0);
  const { process } = systemAnswer.parse(value);
  assert.ok(process.capabilities.outside_bounding_set.includes("CAP_SYS_ADMIN"));
  assert.ok(!process.capabilities.effective.includes("CAP_SYS_ADMIN"));
});
