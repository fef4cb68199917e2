// SPDX-License-Identifier: GPL-2.0
/* An option that no kernel has. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

extern int CONFIG_NO_KERNEL_HAS_THIS __kconfig;

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	return CONFIG_NO_KERNEL_HAS_THIS;
}

char _license[] SEC("license") = "GPL";
