// SPDX-License-Identifier: GPL-2.0
/* A symbol that no kernel has, and no way round it. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

extern const int no_kernel_has_this __ksym;

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	return no_kernel_has_this;
}

char _license[] SEC("license") = "GPL";
