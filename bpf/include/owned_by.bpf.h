/* SPDX-License-Identifier: GPL-2.0 */
/* Filters and fields of events that a socket's owner is behind. Include socket.bpf.h first. */
#ifndef EBPF_MCP_OWNED_BY_BPF_H
#define EBPF_MCP_OWNED_BY_BPF_H

/* The task that uses a socket, as far as one was met in a system call on it. */
struct socket_owner {
	__u32 pid;
	__u32 tid;
	char comm[COMM_SIZE];
};

/*
 * Fills TASK_FIELDS for a socket's event: the user and the control group are the socket's, which
 * are always known; process, thread and name its owner's, 0 and empty without one.
 */
#define fill_owner(event, sk, owner)                                                               \
	({                                                                                         \
		(event)->timestamp_ns = bpf_ktime_get_ns();                                        \
		(event)->cgroup_id = cgroup_id_of_socket(sk);                                      \
		(event)->uid = BPF_CORE_READ(sk, sk_uid.val);                                      \
		(event)->owner_known = (owner) != NULL;                                            \
		if (owner) {                                                                       \
			(event)->pid = (owner)->pid;                                               \
			(event)->tid = (owner)->tid;                                               \
			__builtin_memcpy((event)->comm, (owner)->comm, sizeof((event)->comm));     \
		}                                                                                  \
	})

/* The filters of gadget.bpf.h, asked of a socket and its owner. */
static __always_inline bool is_wanted_owner(const struct sock *sk, const struct socket_owner *owner)
{
	struct cgroup *group;

	if (!is_wanted_cpu())
		return false;
	if (target_uid != -1 && target_uid != BPF_CORE_READ(sk, sk_uid.val))
		return false;
	if (target_pid != -1 && (!owner || (__u32)target_pid != owner->pid))
		return false;
	if (target_tid != -1 && (!owner || (__u32)target_tid != owner->tid))
		return false;
	if (target_comm[0] && (!owner || !is_wanted_comm(owner->comm)))
		return false;
	if (!target_cgroup)
		return true;
	group = cgroup_of_socket(sk);
	return group ? is_wanted_group(group) : !target_cgroup_level;
}

#endif /* EBPF_MCP_OWNED_BY_BPF_H */
