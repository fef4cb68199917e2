// SPDX-License-Identifier: GPL-2.0
/* A section that says nothing of what the program is, as iproute2's objects have. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

SEC("my_filter")
int on_packet(struct __sk_buff *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
