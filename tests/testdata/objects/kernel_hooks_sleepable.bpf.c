// SPDX-License-Identifier: GPL-2.0
/* A program on a hook of LSM that may sleep: since Linux 5.11 on the hooks that allow it. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile __u32 target_pid;
__u64 hits;

SEC("lsm.s/socket_connect")
int BPF_PROG(on_sleepable_lsm, struct socket *socket, struct sockaddr *address, int length)
{
	if (bpf_get_current_pid_tgid() >> 32 == target_pid)
		__sync_fetch_and_add(&hits, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
