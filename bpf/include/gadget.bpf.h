/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every gadget has: filters on the task, the fields that say whose an event is, and the count
 * of what was lost. Include vmlinux.h, bpf_helpers.h, bpf_core_read.h and compat.bpf.h first.
 */
#ifndef EBPF_MCP_GADGET_BPF_H
#define EBPF_MCP_GADGET_BPF_H

#define COMM_SIZE 16

/* Whose events to report. -1, the empty text and 0 mean any. The manifest's `filters` names those
 * that the gadget asks; what is not set is pruned by the verifier. */
const volatile __s32 target_pid = -1; /* a process: its thread group id */
const volatile __s32 target_tid = -1; /* one thread */
const volatile __s64 target_uid = -1; /* real user id in the initial user namespace */
const volatile __s32 target_cpu = -1;
const volatile char target_comm[COMM_SIZE] = {};
const volatile __u64 target_cgroup = 0; /* this control group and those below it */
const volatile __u32 target_cgroup_level = 0; /* how deep it is: 0 is the root */

/* Events, or elements of a table, that found no room. Exact: added to atomically, as from Linux 7.0
 * on programs can be preempted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} dropped SEC(".maps");

static __always_inline void count_dropped(void)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&dropped, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
}

/* The fields of an event that say when it was and whose. */
#define TASK_FIELDS                                                                                \
	__u64 timestamp_ns;                                                                        \
	__u64 cgroup_id;                                                                           \
	__u32 pid;                                                                                 \
	__u32 tid;                                                                                 \
	__u32 uid;                                                                                 \
	char comm[COMM_SIZE]

static __always_inline __u64 cgroup_id_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* Fills TASK_FIELDS for the current task. */
#define fill_current(event)                                                                        \
	({                                                                                         \
		__u64 pid_tgid_ = bpf_get_current_pid_tgid();                                      \
		(event)->timestamp_ns = bpf_ktime_get_ns();                                        \
		(event)->cgroup_id =                                                               \
			cgroup_id_of((struct task_struct *)bpf_get_current_task());                \
		(event)->pid = pid_tgid_ >> 32;                                                    \
		(event)->tid = (__u32)pid_tgid_;                                                   \
		(event)->uid = (__u32)bpf_get_current_uid_gid();                                   \
		bpf_get_current_comm((event)->comm, sizeof((event)->comm));                        \
	})

/* Fills TASK_FIELDS for any task, by reading it. */
#define fill_task(event, task)                                                                     \
	({                                                                                         \
		(event)->timestamp_ns = bpf_ktime_get_ns();                                        \
		(event)->cgroup_id = cgroup_id_of(task);                                           \
		(event)->pid = BPF_CORE_READ(task, tgid);                                          \
		(event)->tid = BPF_CORE_READ(task, pid);                                           \
		(event)->uid = BPF_CORE_READ(task, cred, uid.val);                                 \
		BPF_CORE_READ_STR_INTO(&(event)->comm, task, comm);                                \
	})

static __always_inline bool is_wanted_comm(const char *comm)
{
	if (!target_comm[0])
		return true;
#pragma unroll
	for (int i = 0; i < COMM_SIZE; i++) {
		if (target_comm[i] != comm[i])
			return false;
		if (!comm[i])
			return true;
	}
	return true;
}

/* True for the wanted control group, and for those below it. */
static __always_inline bool is_wanted_group(struct cgroup *own)
{
	struct cgroup___ids *with_ids = NULL;
	struct cgroup *ancestor;
	__u64 id = 0;

	if (!target_cgroup)
		return true;
	if ((__u32)BPF_CORE_READ(own, level) < target_cgroup_level)
		return false;
	if (bpf_core_field_exists(with_ids->ancestor_ids)) {
		__u32 offset = bpf_core_field_offset(with_ids->ancestor_ids);

		bpf_probe_read_kernel(&id, sizeof(id),
				      (void *)own + offset + target_cgroup_level * sizeof(id));
	} else {
		struct cgroup___ancestors *with_ancestors = NULL;
		__u32 offset = bpf_core_field_offset(with_ancestors->ancestors);

		bpf_probe_read_kernel(&ancestor, sizeof(ancestor),
				      (void *)own + offset + target_cgroup_level * sizeof(ancestor));
		id = BPF_CORE_READ(ancestor, kn, id);
	}
	return id == target_cgroup;
}

/* True for a task of the wanted control group, or of one below it. */
static __always_inline bool is_wanted_cgroup(struct task_struct *task)
{
	return !target_cgroup || is_wanted_group(BPF_CORE_READ(task, cgroups, dfl_cgrp));
}

static __always_inline bool is_wanted_cpu(void)
{
	return target_cpu == -1 || (__u32)target_cpu == bpf_get_smp_processor_id();
}

/* Every filter, asked of the current task. */
static __always_inline bool is_wanted_current(void)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	char comm[COMM_SIZE];

	if (target_pid != -1 && (__u32)target_pid != pid_tgid >> 32)
		return false;
	if (target_tid != -1 && (__u32)target_tid != (__u32)pid_tgid)
		return false;
	if (target_uid != -1 && target_uid != (__u32)bpf_get_current_uid_gid())
		return false;
	if (!is_wanted_cpu())
		return false;
	if (target_comm[0]) {
		bpf_get_current_comm(comm, sizeof(comm));
		if (!is_wanted_comm(comm))
			return false;
	}
	return is_wanted_cgroup((struct task_struct *)bpf_get_current_task());
}

/* Every filter, asked of any task, by reading it. */
static __always_inline bool is_wanted_task(struct task_struct *task)
{
	char comm[COMM_SIZE];

	if (target_pid != -1 && target_pid != BPF_CORE_READ(task, tgid))
		return false;
	if (target_tid != -1 && target_tid != BPF_CORE_READ(task, pid))
		return false;
	if (target_uid != -1 && target_uid != BPF_CORE_READ(task, cred, uid.val))
		return false;
	if (!is_wanted_cpu())
		return false;
	if (target_comm[0]) {
		BPF_CORE_READ_STR_INTO(&comm, task, comm);
		if (!is_wanted_comm(comm))
			return false;
	}
	return is_wanted_cgroup(task);
}

/*
 * The slot of a log2 histogram: N for 2^N up to 2^(N+1), 0 also for 0; the last of `slots` has all
 * that is more. In halves, as a loop would cost the verifier more.
 */
static __always_inline __u32 log2_slot(__u64 value, __u32 slots)
{
	__u32 slot = 0;

	if (value >> 32) {
		slot += 32;
		value >>= 32;
	}
	if (value >> 16) {
		slot += 16;
		value >>= 16;
	}
	if (value >> 8) {
		slot += 8;
		value >>= 8;
	}
	if (value >> 4) {
		slot += 4;
		value >>= 4;
	}
	if (value >> 2) {
		slot += 2;
		value >>= 2;
	}
	if (value >> 1)
		slot += 1;
	return slot < slots ? slot : slots - 1;
}

#endif /* EBPF_MCP_GADGET_BPF_H */
