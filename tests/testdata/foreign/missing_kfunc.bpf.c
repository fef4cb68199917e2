// SPDX-License-Identifier: GPL-2.0
/* A function that no kernel has. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

extern int no_kernel_function(void) __ksym;

SEC("tc")
int on_packet(struct __sk_buff *ctx)
{
	return no_kernel_function();
}

char _license[] SEC("license") = "GPL";
