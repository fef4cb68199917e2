// SPDX-License-Identifier: GPL-2.0
/* The smallest program that patches a function: whether a kernel takes it says a witness. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/security_socket_connect")
int on_connect(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
