// SPDX-License-Identifier: GPL-2.0
/*
 * capability_checks: which capabilities the kernel asks processes for, how often, and which they
 * have not.
 *
 * Counted in the kernel, a row for each process, capability and answer: some are asked for thousands
 * of times a second.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define ROWS_MAX 8192

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 target_capability = -1;
const volatile bool only_failed = false;

struct check_key {
	__u32 pid;
	__u32 uid;
	__u32 capability;
	__s32 ret; /* 0: it has it; -EPERM */
	__u32 namespace_level; /* of the user namespace that it is needed in; 0 is the initial one */
	char comm[COMM_SIZE];
};

struct check_value {
	__u64 count;
	__u64 last_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct check_key);
	__type(value, struct check_value);
} checks SEC(".maps");

/* The row of this key, made where there is none. */
static __always_inline struct check_value *row_of(const struct check_key *key)
{
	struct check_value *row = bpf_map_lookup_elem(&checks, key);
	struct check_value empty = {};

	if (row)
		return row;
	bpf_map_update_elem(&checks, key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&checks, key);
}

SEC("raw_tp/cap_capable")
int BPF_PROG(on_check, const struct cred *cred, struct user_namespace *target_ns,
	     const struct user_namespace *capable_ns, int capability, int ret)
{
	struct check_value *row;
	struct check_key key;

	if (target_capability != -1 && target_capability != capability)
		return 0;
	if (only_failed && !ret)
		return 0;
	if (!is_wanted_current())
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	key.pid = bpf_get_current_pid_tgid() >> 32;
	key.uid = (__u32)bpf_get_current_uid_gid();
	key.capability = capability;
	key.ret = ret;
	key.namespace_level = BPF_CORE_READ(target_ns, level);
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	row = row_of(&key);
	if (!row) {
		count_dropped();
		return 0;
	}
	__sync_fetch_and_add(&row->count, 1);
	row->last_ns = bpf_ktime_get_ns();
	return 0;
}
