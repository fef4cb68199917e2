// SPDX-License-Identifier: GPL-2.0
/* No license: a helper for GPL programs is refused. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	bpf_printk("switch");
	return 0;
}
