// doctor where the host gives everything, and where it does not: exit code, JSON, table, truth.
import assert from "node:assert/strict";
import * as z from "zod";
import { mustRun, run } from "../../scripts/command.ts";
import { cli, cliOnTerminal } from "../support/cli.ts";
import {
  withoutBtfFiles,
  withoutCapabilities,
  withoutRoot,
  withoutTracefs,
} from "../support/deprivation.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { launch } from "../support/server_command.ts";

const taken = z.object({
  accepted: z.int(),
  total: z.int(),
  refused: z.array(z.string()),
  unknown: z.array(z.string()),
});
const shape = z.looseObject({
  checks: z.array(z.strictObject({
    name: z.string(),
    status: z.enum(["ok", "degraded", "missing"]),
    found: z.string(),
    costs: z.string().nullable(),
    repair: z.string().nullable(),
  })),
  features: z.looseObject({ program_types: taken, map_types: taken, attach_types: taken }),
  observing: z.object({ works: z.boolean(), found: z.string() }),
  kernel: z.looseObject({ release: z.string() }),
});
type Told = z.infer<typeof shape>;

/** Runs doctor inside something else: its exit code and its answer. */
async function ask(wrapper: readonly string[] = []): Promise<{ code: number; told: Told }> {
  const { program, args } = launch(["doctor", "--json"], wrapper);
  const { code, stdout, stderr } = await run(program, args);
  assert.equal(stderr, "");
  return { code, told: shape.parse(JSON.parse(stdout)) };
}

function checkOf({ checks }: Told, name: string) {
  const check = checks.find((candidate) => candidate.name === name);
  assert.ok(check !== undefined, `${name} is checked`);
  return check;
}

/** Every check that issue and help promise. */
const names = [
  "kernel_version",
  "btf",
  "kernel_config",
  "lockdown",
  "capabilities",
  "file_capabilities",
  "unprivileged_bpf_disabled",
  "jit",
  "perf_event_paranoid",
  "kptr_restrict",
  "tracefs",
  "debugfs",
  "bpffs",
  "cgroup",
  "rlimit_memlock",
  "rlimit_nofile",
  "namespaces",
  "container",
  "seccomp",
  "libbpf",
];

kernelTest("doctor proves the main job and exits with 0 as root", async () => {
  const { code, told } = await ask();
  assert.equal(code, 0);
  assert.equal(told.observing.works, true);
  const found = told.checks.map(({ name }) => name);
  for (const name of names) assert.ok(found.includes(name), `${name} is checked`);
  for (const { status, costs, repair } of told.checks) {
    if (status === "ok") assert.deepEqual([costs, repair], [null, null]);
    else assert.notEqual(costs, null);
  }
  const { features } = told;
  assert.ok(features.program_types.accepted > 20 && features.map_types.accepted > 20);
  for (
    const { accepted, total, refused, unknown } of Object.values({
      programs: features.program_types,
      maps: features.map_types,
      attaching: features.attach_types,
    })
  ) {
    assert.equal(accepted + refused.length + unknown.length, total);
  }
});

kernelTest("doctor says the same as the host's own files", async () => {
  const { told } = await ask();
  const text = async (...args: string[]) => (await mustRun("cat", args)).trim();
  const setting = await text("/proc/sys/kernel/unprivileged_bpf_disabled");
  assert.match(checkOf(told, "unprivileged_bpf_disabled").found, new RegExp(`is ${setting}`));
  const paranoid = await text("/proc/sys/kernel/perf_event_paranoid");
  assert.match(checkOf(told, "perf_event_paranoid").found, new RegExp(`is ${paranoid}`));
  const config = await run("zcat", ["/proc/config.gz"]);
  if (config.code === 0) {
    const lacks = checkOf(told, "kernel_config").found;
    for (const option of ["KPROBE_EVENTS", "FPROBE", "BPF_LSM", "UPROBE_EVENTS"]) {
      const isSet = new RegExp(`^CONFIG_${option}=[ym]$`, "m").test(config.stdout);
      assert.equal(lacks.includes(option), !isSet, option);
    }
  }
  const kprobes = await run("test", ["-e", "/sys/bus/event_source/devices/kprobe"]);
  assert.equal(checkOf(told, "kprobes").status === "ok", kprobes.code === 0);
});

kernelTest("doctor exits with 1 where nothing can be loaded, and says why", async () => {
  const { code, told } = await ask(withoutRoot);
  assert.equal(code, 1);
  assert.equal(told.observing.works, false);
  assert.match(told.observing.found, /refused with EPERM: see capabilities/);
  assert.match(checkOf(told, "capabilities").repair ?? "", /^setcap cap_bpf,/);
  const { program_types } = told.features;
  assert.deepEqual(program_types.unknown, [`all of ${program_types.total}`], "nothing is guessed");
});

kernelTest("doctor needs no more than CAP_BPF and CAP_PERFMON for the main job", async () => {
  const rest = withoutCapabilities("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_PTRACE");
  assert.equal((await ask(rest)).code, 0);
  assert.equal((await ask(withoutCapabilities("CAP_SYS_ADMIN", "CAP_PERFMON"))).code, 1);
  assert.equal((await ask(withoutCapabilities("CAP_SYS_ADMIN", "CAP_BPF"))).code, 1);
});

kernelTest("doctor tells degraded from impossible, and namespaces that are not ours", async () => {
  const traceless = await ask(withoutTracefs);
  assert.equal(traceless.code, 0);
  assert.equal(checkOf(traceless.told, "tracefs").status, "missing");
  const typeless = await ask(withoutBtfFiles);
  assert.equal(typeless.code, 0);
  assert.equal(checkOf(typeless.told, "btf").status, "degraded");
  const alone = await ask(["unshare", "--net", "--pid", "--fork", "--mount-proc"]);
  assert.equal(alone.code, 0);
  assert.match(checkOf(alone.told, "namespaces").found, /^not the host's: pid, net, mnt/);
  const mapped = await ask(["unshare", "--user", "--map-root-user"]);
  assert.equal(mapped.code, 1);
  assert.match(checkOf(mapped.told, "capabilities").found, /in a user namespace of our own/);
});

kernelTest("doctor sees the file capabilities of its executable, and those only", async () => {
  const { program, args } = launch(["doctor", "--json"]);
  const folder = await Deno.makeTempDir();
  try {
    const copy = `${folder}/ebpf-mcp`;
    await Deno.copyFile(program, copy);
    await mustRun("setcap", ["cap_bpf,cap_perfmon+ep", copy]);
    const { stdout } = await run(copy, args);
    const { found } = checkOf(shape.parse(JSON.parse(stdout)), "file_capabilities");
    assert.equal(found, `${copy} gives CAP_PERFMON, CAP_BPF`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

kernelTest("doctor prints plain lines into a pipe and a table on a terminal", async () => {
  const { code, stdout, stderr } = await cli(["doctor"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.match(stdout, /^ok kernel_version: Linux /m);
  assert.match(stdout, /^program types: \d+ of \d+ taken/m);
  assert.match(stdout, /^This host can do the main job: .*\n$/m);
  assert.doesNotMatch(stdout, /(?!\n)\p{Cc}/u);
  const drawn = new TextDecoder().decode(await cliOnTerminal(["doctor"]));
  assert.match(drawn, /^CHECK +STATUS +FOUND\r?$/m);
  assert.match(drawn, /^kernel_version +ok +Linux /m);
});
