// SPDX-License-Identifier: GPL-2.0
/*
 * run_queue_latency: how long threads that could run waited for a CPU.
 *
 * A wait begins when a thread is woken (sched_wakeup, sched_wakeup_new) or is taken off its CPU
 * while it could go on (sched_switch), and ends when it is put on a CPU (sched_switch). So each
 * time that a thread gets a CPU is one wait.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"

#define THREADS_MAX 10240
#define ROWS_MAX 4096

char LICENSE[] SEC("license") = "GPL";

/* Sums up by control group instead of by process. */
const volatile bool by_cgroup = false;
/* Only waits that end on this CPU; -1 means any. Wakers are on other CPUs: not target_cpu. */
const volatile __s32 run_cpu = -1;

/*
 * Since when a thread waits, by its id; 0 while it does not. Elements stay until their thread
 * ends: to look one up costs a third of making and deleting it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS_MAX);
	__type(key, __u32);
	__type(value, __u64);
} waiting_since SEC(".maps");

struct run_queue_key {
	__u64 cgroup_id;
	__u32 pid; /* 0 when summed up by control group */
};

struct run_queue_row {
	LATENCY_FIELDS;
	char comm[COMM_SIZE]; /* of the thread that was the first of its row */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct run_queue_key);
	__type(value, struct run_queue_row);
} waits SEC(".maps");

static __always_inline void begin_wait(struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);
	__u64 now, *since;

	if (!tid || !is_wanted_task(task))
		return;
	now = bpf_ktime_get_ns();
	since = bpf_map_lookup_elem(&waiting_since, &tid);
	if (since)
		*since = now;
	else if (bpf_map_update_elem(&waiting_since, &tid, &now, BPF_ANY))
		count_dropped();
}

static __always_inline void end_wait(struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);
	struct run_queue_key key;
	struct run_queue_row *row;
	__u64 *since, began;

	since = bpf_map_lookup_elem(&waiting_since, &tid);
	if (!since || !*since)
		return;
	began = *since;
	*since = 0;
	if (run_cpu != -1 && (__u32)run_cpu != bpf_get_smp_processor_id())
		return;
	__builtin_memset(&key, 0, sizeof(key)); /* the padding, too */
	key.cgroup_id = cgroup_id_of(task);
	if (!by_cgroup)
		key.pid = BPF_CORE_READ(task, tgid);
	row = bpf_map_lookup_elem(&waits, &key);
	if (!row) {
		struct run_queue_row fresh = {};

		if (!by_cgroup)
			BPF_CORE_READ_STR_INTO(&fresh.comm, task, comm);
		row = lookup_or_make(&waits, &key, &fresh);
	}
	if (row)
		add_latency(row, bpf_ktime_get_ns() - began, NSEC_PER_USEC);
}

/*
 * A thread that is woken while it still runs goes on: what is noted of it then is overwritten by
 * the wake-up or the preemption that its next turn begins with.
 */
SEC("raw_tp/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	begin_wait(task);
	return 0;
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *task)
{
	begin_wait(task);
	return 0;
}

/* The arguments behind these have changed places: fa2c3254d7cf, 9c2136be0878. */
SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 state = state_of(prev);

	if (preempt || !state) {
		begin_wait(prev);
	} else if (state & TASK_DEAD) {
		__u32 tid = BPF_CORE_READ(prev, pid);

		bpf_map_delete_elem(&waiting_since, &tid);
	}
	end_wait(next);
	return 0;
}
