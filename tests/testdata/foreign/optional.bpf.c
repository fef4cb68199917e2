// SPDX-License-Identifier: GPL-2.0
/* A program that loads by itself, and one that is there only for who asks for it. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch")
int always(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sched_switch")
int on_request(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
