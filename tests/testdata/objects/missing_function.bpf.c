// SPDX-License-Identifier: GPL-2.0
/* For a function whose name has a slip of the finger in it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/security_socket_conect")
int on_connect(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
