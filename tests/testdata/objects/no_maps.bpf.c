// SPDX-License-Identifier: GPL-2.0
/* Odd but valid: no map, no global, nothing but a program. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}
