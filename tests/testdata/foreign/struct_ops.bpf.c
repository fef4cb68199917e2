// SPDX-License-Identifier: GPL-2.0
/* A congestion control: programs that are members of a map of functions. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops/foreign_ssthresh")
__u32 BPF_PROG(foreign_ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/foreign_undo")
__u32 BPF_PROG(foreign_undo, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/foreign_avoid")
void BPF_PROG(foreign_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops foreign = {
	.ssthresh = (void *)foreign_ssthresh,
	.undo_cwnd = (void *)foreign_undo,
	.cong_avoid = (void *)foreign_avoid,
	.name = "bpf_foreign",
};

char _license[] SEC("license") = "GPL";
