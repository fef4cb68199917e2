// What kernel.features finds out about the running kernel, beside what bpftool finds out.
import assert from "node:assert/strict";
import { mustRun } from "../../../scripts/command.ts";
import { buildFolder } from "../../../scripts/paths.ts";
import { KernelFeatures } from "../../../src/kernel/features/features.ts";
import { KernelBtf } from "../../../src/kernel/kernel_btf.ts";
import { helpers as helperNames } from "../../../src/kernel/uapi_helpers.ts";
import { attachTypes } from "../../../src/kernel/uapi_types.ts";
import { kernelTest } from "../../support/kernel_test.ts";
import { isBlind, probeWithBpftool } from "./bpftool_features.ts";

const PRINTK_EVENT = "/sys/kernel/tracing/events/bpf_trace/bpf_trace_printk/enable";
const SLEEPABLE = 16;

/** What bpftool gives the types that must name a hook; the others get none. */
const bpftoolHooks: ReadonlyMap<string, typeof attachTypes[number]> = new Map([
  ["cgroup_sock_addr", "cgroup_inet4_connect"],
  ["cgroup_sockopt", "cgroup_getsockopt"],
  ["sk_lookup", "sk_lookup"],
  ["netfilter", "netfilter"],
]);

function features(): KernelFeatures {
  return new KernelFeatures(new KernelBtf());
}

const taken = (list: readonly { accepted: boolean | null; name: string }[]) =>
  list.filter(({ accepted }) => accepted === true).map(({ name }) => name);

kernelTest(
  "programTypes: takes what bpftool takes; of tracing more than fentry counts",
  async () => {
    const witness = await probeWithBpftool();
    const found = features();
    const ours = new Map(found.programTypes().map(({ name, accepted }) => [name, accepted]));
    for (const [name, theirs] of witness.programTypes) {
      if (name === "tracing" && !theirs) continue; // bpftool tries fentry alone
      assert.equal(ours.get(name), theirs, name);
    }
    const tracing = found.attachTypes().filter(({ programType }) => programType === "tracing");
    assert.equal(ours.get("tracing"), tracing.some(({ accepted }) => accepted === true));
    const fentry = tracing.find(({ name }) => name === "trace_fentry");
    assert.equal(
      fentry?.accepted,
      witness.programTypes.get("tracing"),
      "fentry, as bpftool tries it",
    );
  },
);

kernelTest(
  "mapTypes: takes what bpftool takes, and every type that this program knows",
  async () => {
    const witness = await probeWithBpftool();
    const ours = new Map(features().mapTypes().map(({ name, accepted }) => [name, accepted]));
    for (const [name, theirs] of witness.mapTypes) assert.equal(ours.get(name), theirs, name);
    assert.ok(witness.mapTypes.size >= 31, "bpftool knows map types");
  },
);

kernelTest(
  "helpersFor: equals the witness for each type, and says where it knows more",
  async () => {
    const bpftool = await probeWithBpftool();
    const blind = isBlind(bpftool);
    const program = blind ? await compileWitness() : null;
    const found = features();
    for (const { name, number, accepted } of found.programTypes()) {
      if (accepted !== true) {
        assert.equal(found.helpersFor(name).calls, null, `${name} does not load`);
        continue;
      }
      if (["tracing", "struct_ops", "lsm", "ext"].includes(name)) continue; // bpftool does not try
      const theirs = program === null
        ? bpftool.helpers.get(name) ?? new Set()
        : await askWitness(program, name, number);
      const { calls } = found.helpersFor(name);
      const ours = (calls ?? []).filter((call) => call.accepted === true);
      const plain = ours.filter(({ why }) => !why.includes("only with attach type"));
      const names = new Set(ours.map((call) => `bpf_${call.name}`));
      assert.deepEqual([...theirs].filter((helper) => !names.has(helper)), [], `${name} lacks`);
      assert.deepEqual(
        plain.map((call) => `bpf_${call.name}`).filter((helper) => !theirs.has(helper)),
        [],
        `${name} has too much`,
      );
      assert.ok(theirs.size > 40, `the witness has helpers for ${name}`);
    }
  },
);

async function compileWitness(): Promise<string> {
  const source = new URL("helper_witness.c", import.meta.url).pathname;
  const program = new URL("helper_witness", buildFolder).pathname;
  await mustRun("gcc", ["-O1", "-Wall", "-Wextra", "-Werror", source, "-o", program, "-lbpf"]);
  return program;
}

async function askWitness(program: string, type: string, number: number): Promise<Set<string>> {
  const hook = bpftoolHooks.get(type);
  const attach = hook === undefined ? 0 : attachTypes.indexOf(hook);
  const flags = type === "syscall" ? SLEEPABLE : 0;
  const text = await mustRun(program, [number, attach, flags, helperNames.length - 1].map(String));
  return new Set(text.trim().split("\n").map((id) => `bpf_${helperNames[Number(id)]}`));
}

kernelTest("helpersFor: of tracing and struct_ops too, where they load", () => {
  const found = features();
  for (
    const [type, helper, foreign] of [
      ["tracing", "get_current_task_btf", "xdp_adjust_head"],
      ["struct_ops", "map_lookup_elem", "xdp_adjust_head"],
    ] as const
  ) {
    const { calls, why } = found.helpersFor(type);
    const program = found.programTypes().find(({ name }) => name === type);
    if (program?.accepted !== true) {
      assert.equal(calls, null);
      assert.match(why ?? "", /could be loaded/);
      continue;
    }
    assert.ok(taken(calls ?? []).includes(helper), `${type} may call ${helper}`);
    assert.ok(!taken(calls ?? []).includes(foreign), `${type} may not call ${foreign}`);
  }
});

kernelTest("kfuncsFor: tries every function that BTF marks, and tells types apart", async () => {
  const found = features();
  const { calls, why } = found.kfuncsFor("xdp");
  const text = await mustRun("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux"]);
  const tags = [...text.matchAll(/DECL_TAG 'bpf_kfunc' type_id=(\d+)/g)].map(([, id]) =>
    Number(id)
  );
  if (tags.length === 0) {
    assert.equal(calls, null);
    assert.match(why ?? "", /does not mark/);
    return;
  }
  const ids = (calls ?? []).map(({ number }) => number).sort((a, b) => a - b);
  assert.deepEqual(ids, tags.sort((a, b) => a - b));
  assert.ok(taken(calls ?? []).includes("bpf_dynptr_from_xdp"));
  const bound = calls?.find(({ name }) => name === "bpf_xdp_metadata_rx_hash");
  assert.equal(bound?.accepted, null, "only for programs that are bound to a device");
  assert.match(bound?.why ?? "", /device-bound/);
  const others = taken(found.kfuncsFor("cgroup_sysctl").calls ?? []);
  assert.ok(!others.includes("bpf_dynptr_from_xdp"));
  assert.ok(others.includes("bpf_rcu_read_lock"), "what every type may call");
});

kernelTest("attachTypes: gives cgroup programs the hooks of their type, and no other's", () => {
  const rows = features().attachTypes();
  const of = (type: string) =>
    rows.filter(({ programType, accepted }) => programType === type && accepted === true)
      .map(({ name }) => name);
  for (const type of ["cgroup_sock", "cgroup_sock_addr", "cgroup_sockopt", "cgroup_skb"]) {
    assert.ok(of(type).length >= 2, `${type} has hooks`);
    for (const name of of(type)) {
      assert.ok(name.startsWith("cgroup_"), `${type}: ${name}`);
    }
  }
  assert.ok(of("cgroup_sock_addr").includes("cgroup_inet4_connect"));
  assert.ok(!of("cgroup_sock").includes("cgroup_inet4_connect"));
});

kernelTest(
  "features: asking leaves no program, no map, no link and no event turned on",
  async () => {
    const before = await state();
    const found = features();
    found.programTypes();
    found.mapTypes();
    found.attachTypes();
    for (const { name } of found.programTypes()) {
      found.helpersFor(name);
      found.kfuncsFor(name);
    }
    for (const { name } of found.mapTypes()) found.mapTypeDetails(name);
    assert.deepEqual(await state(), before);
  },
);

/** What a careless probe would change, beside what every kernel test looks at. */
async function state(): Promise<{ event: string | null; printed: string }> {
  const event = await Deno.readTextFile(PRINTK_EVENT).catch(() => null);
  const printed = (await mustRun("dmesg", [])).split("\n")
    .filter((line) => /trace_printk|probe_write_user/.test(line)).join("\n");
  return { event, printed };
}
