// What neither kernel nor libbpf tells of a program type: what it is for, since when it is there,
// and which capabilities loading takes. Versions: the first release whose include/uapi/linux/bpf.h
// has the enumerator; up to 5.2 bcc's docs/kernel-versions.md lists them too. Capabilities:
// is_net_admin_prog_type and is_perfmon_prog_type of kernel/bpf/syscall.c; a kernel test takes each
// away and looks at the answer.
import type { Capability } from "./privileges.ts";

export interface ProgramFacts {
  readonly description: string;
  /** First Linux version. */
  readonly since: string;
  /** Beside CAP_BPF. Before 5.8 all of it is CAP_SYS_ADMIN. */
  readonly beside: readonly Capability[];
}

const net: readonly Capability[] = ["CAP_NET_ADMIN"];
const trace: readonly Capability[] = ["CAP_PERFMON"];
const nothing: readonly Capability[] = [];

function facts(since: string, beside: readonly Capability[], description: string): ProgramFacts {
  return { description, since, beside };
}

/** By name. */
export const programFacts: ReadonlyMap<string, ProgramFacts> = new Map([
  ["socket_filter", facts("3.19", nothing, "Filters what a socket receives: drop, cut or keep")],
  ["kprobe", facts("4.1", trace, "Runs at kernel functions and, as uprobe and USDT, at user code")],
  ["sched_cls", facts("4.1", net, "Classifies and changes packets at tc, tcx and netkit")],
  ["sched_act", facts("4.1", net, "A tc action: acts on packets that a classifier chose")],
  ["tracepoint", facts("4.7", trace, "Runs at static tracepoints with their formatted arguments")],
  ["xdp", facts("4.8", net, "Sees packets in the driver, before the kernel's network stack")],
  ["perf_event", facts("4.9", trace, "Runs at samples of hardware and software counters")],
  ["cgroup_skb", facts("4.10", nothing, "Passes or drops packets of a cgroup, either direction")],
  ["cgroup_sock", facts("4.10", net, "Runs when a cgroup's sockets are made, bound or released")],
  ["lwt_in", facts("4.10", net, "Looks at packets that a lightweight tunnel route receives")],
  ["lwt_out", facts("4.10", net, "Looks at packets that a lightweight tunnel route sends")],
  [
    "lwt_xmit",
    facts("4.10", net, "Changes and redirects packets before a tunnel route sends them"),
  ],
  ["sock_ops", facts("4.13", net, "Runs at TCP events of a cgroup's sockets and tunes them")],
  ["sk_skb", facts("4.14", net, "Parses and redirects what sockets of a sockmap receive")],
  ["cgroup_device", facts("4.15", net, "Allows or denies device access in a cgroup")],
  ["sk_msg", facts("4.17", net, "Passes, drops or redirects what sockets of a sockmap send")],
  ["raw_tracepoint", facts("4.17", trace, "Runs at static tracepoints with their raw arguments")],
  ["cgroup_sock_addr", facts("4.17", net, "Sees and changes addresses of bind, connect, sendmsg")],
  ["lwt_seg6local", facts("4.18", net, "Acts on packets of an IPv6 segment routing endpoint")],
  ["lirc_mode2", facts("4.18", nothing, "Decodes what an infrared receiver sees")],
  ["sk_reuseport", facts("4.19", nothing, "Chooses the socket of a SO_REUSEPORT group")],
  ["flow_dissector", facts("4.20", net, "Finds addresses and ports in packets for the kernel")],
  ["cgroup_sysctl", facts("5.2", net, "Allows, denies or changes sysctl access of a cgroup")],
  ["raw_tracepoint_writable", facts("5.2", trace, "A raw tracepoint that may change its buffer")],
  ["cgroup_sockopt", facts("5.3", net, "Sees and changes getsockopt and setsockopt of a cgroup")],
  ["tracing", facts("5.5", trace, "BTF-typed: fentry, fexit, fmod_ret, tp_btf and iterators")],
  ["struct_ops", facts("5.6", trace, "Implements an operation of the kernel's: TCP, sched_ext")],
  [
    "ext",
    facts("5.6", ["CAP_NET_ADMIN", "CAP_PERFMON"], "Replaces a function of a loaded program"),
  ],
  ["lsm", facts("5.7", trace, "Runs at hooks of the Linux security modules; may deny")],
  [
    "sk_lookup",
    facts("5.9", nothing, "Chooses the listening socket for a new connection or packet"),
  ],
  ["syscall", facts("5.14", nothing, "Run by hand; may make bpf(2) calls itself")],
  ["netfilter", facts("6.4", net, "Accepts or drops packets at a netfilter hook")],
]);

/** Capabilities that loading a type takes; of a type that is not listed, the one that all take. */
export function neededCapabilities(type: string): readonly Capability[] {
  return ["CAP_BPF", ...programFacts.get(type)?.beside ?? []];
}
