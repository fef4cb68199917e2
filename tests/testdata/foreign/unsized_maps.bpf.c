// SPDX-License-Identifier: GPL-2.0
/* A map whose size its own program sets before it loads, as bcc's tools do. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__type(key, __u32);
} stackmap SEC(".maps");

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	return bpf_get_stackid(ctx, &stackmap, 0);
}

char _license[] SEC("license") = "GPL";
