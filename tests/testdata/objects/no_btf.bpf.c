// SPDX-License-Identifier: GPL-2.0
/* Compiled without debug information: globals and a program, which load without BTF. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 verdict = XDP_PASS;
__u64 packets;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&packets, 1);
	return verdict;
}
