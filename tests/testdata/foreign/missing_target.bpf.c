// SPDX-License-Identifier: GPL-2.0
/* The first program loads; the second one's function is in no kernel. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch")
int loads(void *ctx)
{
	return 0;
}

SEC("fentry/no_kernel_has_this")
int on_entry(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
