// The objects that other tests rely on, seen by bpftool: each loads, or fails as it is meant to.
import assert from "node:assert/strict";
import { run } from "../../scripts/command.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject, type ObjectName, objectNames } from "../support/objects.ts";

/** Which kernel loads these is the matrix's question (tests/matrix/features.ts). */
const byKernel = ["fentry_only", "kernel_hooks", "kernel_hooks_sleepable"] as const;

type Ordinary = Exclude<ObjectName, (typeof byKernel)[number]>;

/** How many programs bpftool loads, or what it must say instead. */
const expected: Record<Ordinary, number | RegExp> = {
  attach_kinds: 10,
  bench_maps: 1,
  bench_ring: 2,
  big_debug: 1,
  co_re_fail: /failed to resolve CO-RE relocation|invalid func unknown/,
  count_calls: 1,
  dup_event_sizes: 1,
  flood: 2,
  globals: 2,
  hidden_helpers: 7,
  kernel_data: 1,
  many_programs: 200,
  maps: 3,
  missing_function: /failed to find kernel BTF type ID|failed to load/,
  no_btf: 1,
  no_btf_map: /BTF is required/,
  no_maps: 1,
  perf_events: 2,
  pinned_map: 1,
  printk: 3,
  rejected: /BPF program load failed/,
  small_records: 1,
  stacks: 1,
  three_events: 3,
  two_events: 2,
  wrong_endianness: /endianness/,
  wrong_machine: /not a valid eBPF object|not an eBPF object/,
};

/** Loads by bpftool below a folder of our own in bpffs; the programs go with it. */
async function loadByBpftool(name: ObjectName): Promise<{ programs: number; said: string }> {
  const path = await buildObject(name);
  const pins = `/sys/fs/bpf/ebpf_mcp_objects_test_${Deno.pid}`;
  await Deno.mkdir(pins);
  try {
    const { code, stderr } = await run("bpftool", ["prog", "loadall", path, `${pins}/programs`]);
    if (code !== 0) return { programs: 0, said: stderr };
    return { programs: [...Deno.readDirSync(`${pins}/programs`)].length, said: stderr };
  } finally {
    await Deno.remove(pins, { recursive: true });
    await Deno.remove("/sys/fs/bpf/ebpf_mcp_test_pinned").catch(() => undefined);
  }
}

function isOrdinary(name: ObjectName): name is Ordinary {
  return !byKernel.some((one) => one === name);
}

for (const name of objectNames.filter(isOrdinary)) {
  const want = expected[name];
  const what = typeof want === "number" ? `loads ${want} programs` : "is refused as meant";
  kernelTest(`bpftool: object "${name}" ${what}`, async () => {
    const { programs, said } = await loadByBpftool(name);
    if (typeof want === "number") assert.equal(programs, want, said);
    else assert.match(said, want);
  });
}
