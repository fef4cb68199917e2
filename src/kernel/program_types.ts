// Numbers of linux/bpf.h that attaching needs by name.
import { programTypes } from "./uapi_types.ts";

/** `enum bpf_prog_type`. */
export const prog_type = {
  kprobe: 2,
  sched_cls: 3,
  tracepoint: 5,
  xdp: 6,
  perf_event: 7,
  cgroup_skb: 8,
  cgroup_sock: 9,
  sock_ops: 13,
  cgroup_device: 15,
  raw_tracepoint: 17,
  cgroup_sock_addr: 18,
  cgroup_sysctl: 23,
  raw_tracepoint_writable: 24,
  cgroup_sockopt: 25,
  tracing: 26,
  lsm: 29,
} as const;

/** `enum bpf_attach_type`. */
export const attach_type = {
  trace_raw_tp: 23,
  trace_fentry: 24,
  trace_fexit: 25,
  lsm_mac: 27,
  trace_iter: 28,
  xdp: 37,
  perf_event: 41,
  trace_kprobe_multi: 42,
  tcx_ingress: 46,
  tcx_egress: 47,
} as const;

/** `enum bpf_attach_type` of cgroup hooks and the program type that each takes. */
export const cgroup_attach_types = {
  ingress: { attach: 0, program: prog_type.cgroup_skb },
  egress: { attach: 1, program: prog_type.cgroup_skb },
  sock_create: { attach: 2, program: prog_type.cgroup_sock },
  sock_ops: { attach: 3, program: prog_type.sock_ops },
  device: { attach: 6, program: prog_type.cgroup_device },
  bind4: { attach: 8, program: prog_type.cgroup_sock_addr },
  bind6: { attach: 9, program: prog_type.cgroup_sock_addr },
  connect4: { attach: 10, program: prog_type.cgroup_sock_addr },
  connect6: { attach: 11, program: prog_type.cgroup_sock_addr },
  post_bind4: { attach: 12, program: prog_type.cgroup_sock },
  post_bind6: { attach: 13, program: prog_type.cgroup_sock },
  sendmsg4: { attach: 14, program: prog_type.cgroup_sock_addr },
  sendmsg6: { attach: 15, program: prog_type.cgroup_sock_addr },
  sysctl: { attach: 18, program: prog_type.cgroup_sysctl },
  recvmsg4: { attach: 19, program: prog_type.cgroup_sock_addr },
  recvmsg6: { attach: 20, program: prog_type.cgroup_sock_addr },
  getsockopt: { attach: 21, program: prog_type.cgroup_sockopt },
  setsockopt: { attach: 22, program: prog_type.cgroup_sockopt },
  getpeername4: { attach: 29, program: prog_type.cgroup_sock_addr },
  getpeername6: { attach: 30, program: prog_type.cgroup_sock_addr },
  getsockname4: { attach: 31, program: prog_type.cgroup_sock_addr },
  getsockname6: { attach: 32, program: prog_type.cgroup_sock_addr },
  sock_release: { attach: 34, program: prog_type.cgroup_sock },
} as const;

export type CgroupAttachType = keyof typeof cgroup_attach_types;

/** The name of a program type number; `type_N` for those newer than this program. */
export function programTypeText(type: number): string {
  return programTypes[type] ?? `type_${type}`;
}
