// The kinds of hook that inspect_hooks tells, in the order of its answers.
export const hookKinds = [
  "xdp",
  "tc",
  "tcx",
  "netkit",
  "netfilter",
  "cgroup",
  "cgroup_effective",
  "kprobe",
  "uprobe",
  "tracepoint",
  "raw_tracepoint",
  "fentry",
  "fexit",
  "fmod_ret",
  "lsm",
  "extension",
  "perf_event",
  "struct_ops",
  "sockmap",
  "flow_dissector",
  "sk_lookup",
  "iter",
  "other",
] as const;

export type HookKind = typeof hookKinds[number];

/** What is asked where; one answer serves several kinds. */
export const kindsOf = {
  network: ["xdp", "tc", "tcx", "netkit", "flow_dissector", "sk_lookup"],
  cgroup: ["cgroup"],
  cgroupEffective: ["cgroup_effective"],
  perf: ["kprobe", "uprobe", "tracepoint", "raw_tracepoint", "perf_event"],
  sockmap: ["sockmap"],
  structOps: ["struct_ops"],
} as const satisfies Record<string, readonly HookKind[]>;
