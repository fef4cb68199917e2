/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a TCP socket is. Include socket.bpf.h first.
 *
 * Packets are handled in softirqs, which interrupt whoever runs: there the current task says
 * nothing. A TCP socket tells by itself when it can be trusted: `sk_lock.owned` is set while a task
 * is inside a system call on the socket, and is not while a softirq works on it. Such a task is
 * remembered by socket, and events that come later find it there.
 */
#ifndef EBPF_MCP_SOCKET_OWNER_BPF_H
#define EBPF_MCP_SOCKET_OWNER_BPF_H

#include "owned_by.bpf.h"

#define OWNERS_MAX 16384

/* A full map forgets the sockets that were used longest ago: their owner is then not known. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, OWNERS_MAX);
	__type(key, __u64);
	__type(value, struct socket_owner);
} owners SEC(".maps");

static __always_inline struct socket_owner *find_owner(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&owners, &key);
}

/* Remembers the current task, if it is in a call on this TCP socket. */
static __always_inline void learn_owner(const struct sock *sk)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u64 key = (__u64)sk;
	struct socket_owner owner = {};
	struct socket_owner *known;

	if (!BPF_CORE_READ(sk, sk_lock.owned) || !(pid_tgid >> 32))
		return;
	known = bpf_map_lookup_elem(&owners, &key);
	if (known && known->pid == pid_tgid >> 32)
		return;
	owner.pid = pid_tgid >> 32;
	owner.tid = (__u32)pid_tgid;
	bpf_get_current_comm(owner.comm, sizeof(owner.comm));
	bpf_map_update_elem(&owners, &key, &owner, BPF_ANY);
}

static __always_inline void forget_owner(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	bpf_map_delete_elem(&owners, &key);
}

#endif /* EBPF_MCP_SOCKET_OWNER_BPF_H */
