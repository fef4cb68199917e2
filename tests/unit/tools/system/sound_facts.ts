// A host on which every check is ok: what each test takes something away from.
import { knownCapabilities } from "../../../../src/host/capabilities.ts";
import type { Standing } from "../../../../src/host/surroundings.ts";
import type { System } from "../../../../src/host/system.ts";
import type { Feature } from "../../../../src/kernel/features/feature.ts";
import type { Facts } from "../../../../src/tools/system/check.ts";

const options = [
  "BPF_SYSCALL",
  "BPF_EVENTS",
  "KPROBE_EVENTS",
  "FPROBE",
  "UPROBE_EVENTS",
  "FTRACE_SYSCALLS",
  "DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
  "DEBUG_INFO_BTF",
  "BPF_LSM",
  "BPF_KPROBE_OVERRIDE",
  "CGROUP_BPF",
  "NET_CLS_BPF",
  "XDP_SOCKETS",
];

const EINVAL = 22;

export const soundSystem: System = {
  hostname: "host",
  kernel: {
    release: "6.12.9",
    version: { major: 6, minor: 12, patch: 9 },
    build: "#1",
    architecture: "x86_64",
    pageBytes: 4096,
    bootedAtMs: 0,
  },
  cpus: { online: { list: "0-1", count: 2 }, possible: { list: "0-1", count: 2 } },
  btf: { vmlinuxBytes: 5_000_000, modules: 3 },
  libbpf: { version: "1.1", source: "system" },
  process: {
    pid: 7,
    uid: 0,
    effectiveUid: 0,
    capabilities: {
      effective: knownCapabilities,
      permitted: knownCapabilities,
      bounding: knownCapabilities,
      known: knownCapabilities,
    },
    noNewPrivs: false,
    seccomp: "disabled",
    initialUserNamespace: true,
    limits: {
      memlockBytes: { soft: 8 << 20, hard: 8 << 20 },
      openFiles: { soft: 20_000, hard: 20_000 },
    },
  },
  lockdown: { mode: "none", reason: null },
  settings: {
    bpfJitEnable: 1,
    bpfJitHarden: 0,
    bpfJitLimitBytes: 1,
    unprivilegedBpfDisabled: 2,
    bpfStatsEnabled: 0,
    perfEventParanoid: 2,
    kptrRestrict: 1,
  },
  mounts: [
    { type: "bpf", path: "/sys/fs/bpf", readOnly: false },
    { type: "tracefs", path: "/sys/kernel/tracing", readOnly: false },
    { type: "debugfs", path: "/sys/kernel/debug", readOnly: false },
    { type: "cgroup2", path: "/sys/fs/cgroup", readOnly: false },
  ],
};

export const soundStanding: Standing = {
  config: {
    source: "/boot/config-6.12.9",
    options: new Map(options.map((name) => [name, "y"])),
  },
  places: { user: "initial", pid: "initial", net: "initial", mnt: "initial", cgroup: "initial" },
  container: { residence: {}, marker: null },
  executable: "/usr/bin/ebpf-mcp",
  fileCapabilities: null,
  filters: { own: "none", parent: "none" },
  systemCalls: { bpf: EINVAL, perfEventOpen: EINVAL },
  tracefs: { path: "/sys/kernel/tracing", events: 0 },
  kernelSymbols: "addresses",
  controlGroups: { version: "2", path: "/" },
  probes: { kprobe: true, uprobe: true },
};

/** A feature as a probe of it answers. */
export function feature(name: string, accepted: boolean | null = true): Feature {
  return { name, accepted, errno: accepted ? null : 1, why: accepted ? "loads" : "refused" };
}

export const soundFeatures: Facts["features"] = {
  hasBtf: true,
  programTypes: [feature("kprobe"), feature("xdp")],
  mapTypes: [feature("hash"), feature("ringbuf")],
  attachTypes: [feature("trace_fentry"), feature("xdp")],
};

/** The sound host with other parts. */
export function facts(
  system: Partial<System> = {},
  standing: Partial<Standing> = {},
  features: Partial<Facts["features"]> = {},
): Facts {
  return {
    system: { ...soundSystem, ...system },
    standing: { ...soundStanding, ...standing },
    features: { ...soundFeatures, ...features },
  };
}

/** The sound host with a process that holds only these capabilities. */
export function holding(
  names: readonly string[],
  bounding: readonly string[] = knownCapabilities,
): Facts {
  const { process } = soundSystem;
  const capabilities = { effective: names, permitted: names, bounding, known: knownCapabilities };
  return facts({ process: { ...process, uid: 1000, effectiveUid: 1000, capabilities } });
}

/** The sound host with another kernel. */
export function kernel(major: number, minor: number): System["kernel"] {
  const version = { major, minor, patch: 0 };
  return { ...soundSystem.kernel, version, release: `${major}.${minor}.0` };
}
