// SPDX-License-Identifier: GPL-2.0
/* Replaces a function of another program, which has to be named before the load. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

SEC("freplace/some_function")
int replacement(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
