// What the kernel does not tell of a map type: what it is for, since when it is there, and which
// capabilities creating takes. Versions: the first release whose include/uapi/linux/bpf.h has the
// enumerator; up to 5.2 bcc's docs/kernel-versions.md lists them too. Capabilities: map_create
// of kernel/bpf/syscall.c; a kernel test takes each away and looks at the answer.
import type { Capability } from "./privileges.ts";

export interface MapFacts {
  readonly description: string;
  /** First Linux version. */
  readonly since: string;
  /** Before 5.8 CAP_SYS_ADMIN. Where the host disables unprivileged BPF, CAP_BPF for every type. */
  readonly capabilities: readonly Capability[];
}

const anyone: readonly Capability[] = [];
const bpf: readonly Capability[] = ["CAP_BPF"];
const net: readonly Capability[] = ["CAP_BPF", "CAP_NET_ADMIN"];

function facts(
  since: string,
  capabilities: readonly Capability[],
  description: string,
): MapFacts {
  return { description, since, capabilities };
}

/** By name. */
export const mapFacts: ReadonlyMap<string, MapFacts> = new Map([
  ["hash", facts("3.19", anyone, "Values by key")],
  ["array", facts("3.19", anyone, "Values by index; all there from the start, as zeros")],
  ["prog_array", facts("4.2", anyone, "Programs to tail-call by index")],
  ["perf_event_array", facts("4.3", anyone, "Perf events by CPU: streams records to user space")],
  ["percpu_hash", facts("4.6", anyone, "Values by key, one for each CPU")],
  ["percpu_array", facts("4.6", anyone, "Values by index, one for each CPU")],
  ["stack_trace", facts("4.6", bpf, "Stacks by the id that bpf_get_stackid gives")],
  ["cgroup_array", facts("4.8", anyone, "Cgroups by index, to test what belongs to one")],
  ["lru_hash", facts("4.10", bpf, "Values by key; when full, the least recently used go")],
  ["lru_percpu_hash", facts("4.10", bpf, "The same with one value for each CPU")],
  ["lpm_trie", facts("4.11", bpf, "Values by the longest matching prefix, as routes")],
  ["array_of_maps", facts("4.12", anyone, "Maps by index, which can be swapped while in use")],
  ["hash_of_maps", facts("4.12", anyone, "Maps by key, which can be swapped while in use")],
  ["devmap", facts("4.14", net, "Interfaces by index, for XDP to redirect to")],
  ["sockmap", facts("4.14", net, "Sockets by index, for sk_skb and sk_msg to redirect to")],
  ["cpumap", facts("4.15", bpf, "CPUs, for XDP to hand packets to")],
  ["xskmap", facts("4.18", net, "AF_XDP sockets by queue, for XDP to redirect to")],
  ["sockhash", facts("4.18", net, "Sockets by key, for sk_skb and sk_msg to redirect to")],
  [
    "cgroup_storage",
    facts("4.19", anyone, "A value for each cgroup that a program is attached to"),
  ],
  ["reuseport_sockarray", facts("4.19", bpf, "Sockets by index, for sk_reuseport to choose from")],
  ["percpu_cgroup_storage", facts("4.20", anyone, "cgroup_storage with one value for each CPU")],
  ["queue", facts("4.20", bpf, "Values, first in first out")],
  ["stack", facts("4.20", bpf, "Values, last in first out")],
  ["sk_storage", facts("5.2", bpf, "A value that lives with a socket")],
  ["devmap_hash", facts("5.4", net, "Interfaces by key, for XDP to redirect to")],
  ["struct_ops", facts("5.6", bpf, "The programs of a struct_ops implementation")],
  [
    "ringbuf",
    facts("5.8", anyone, "One ring for all CPUs: streams records to user space, in order"),
  ],
  ["inode_storage", facts("5.10", bpf, "A value that lives with an inode")],
  ["task_storage", facts("5.11", bpf, "A value that lives with a task")],
  ["bloom_filter", facts("5.16", bpf, "Says whether a value was surely never put in")],
  ["user_ringbuf", facts("6.1", anyone, "A ring through which user space feeds programs")],
  ["cgrp_storage", facts("6.2", bpf, "A value that lives with a cgroup, for any program")],
  ["arena", facts("6.9", bpf, "Memory shared by programs and user space, with pointers")],
  ["insn_array", facts("6.19", bpf, "Addresses of instructions, for indirect jumps")],
]);

/** Capabilities that creating a type may take. */
export function neededForMap(type: string): readonly Capability[] {
  return [
    "CAP_BPF",
    ...(mapFacts.get(type)?.capabilities ?? []).filter((name) => name !== "CAP_BPF"),
  ];
}
