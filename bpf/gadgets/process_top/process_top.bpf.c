// SPDX-License-Identifier: GPL-2.0
/*
 * process_top: which processes have the CPUs, and how often they gave one up.
 *
 * All numbers are the scheduler's own: the time that a task has run (sum_exec_runtime) and how
 * often it gave its CPU up by itself (nvcsw), both looked at when it is put on a CPU and again when
 * it is taken off. A task that stays on its CPU is looked at in between (sched_stat_runtime), so
 * that a table that is read meanwhile has it, too.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"

#define ROWS_MAX 10240

/* How far a table lags behind tasks that stay on their CPUs, beside the kernel's own tick. */
#define LAG_NS 10000000

char LICENSE[] SEC("license") = "GPL";

/* A row for each thread instead of for each process. */
const volatile bool by_thread = false;

/* What a CPU does now. Its programs run with its queue locked, so never one inside the other. */
struct turn {
	__u64 counted_ns; /* what of the task's time on CPUs is in the table, or from before */
	__u64 voluntary; /* how often it had given up a CPU by itself */
	__u64 seen_ns; /* of the queue's clock: when something was last seen here; 0 is never */
	__u32 tid;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct turn);
} turns SEC(".maps");

struct process_key {
	__u32 pid;
	__u32 tid; /* 0 unless asked for */
};

struct process_row {
	__u64 cpu_ns;
	__u64 voluntary_switches;
	__u64 involuntary_switches;
	__u64 cgroup_id;
	__u32 uid;
	char comm[COMM_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct process_key);
	__type(value, struct process_row);
} processes SEC(".maps");

static __always_inline struct turn *own_turn(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&turns, &key);
}

static __always_inline void fill_row(struct process_row *row, struct task_struct *task)
{
	row->cgroup_id = cgroup_id_of(task);
	row->uid = BPF_CORE_READ(task, cred, uid.val);
	BPF_CORE_READ_STR_INTO(&row->comm, task, comm);
}

/* A process has another name after an exec, and by then perhaps another user and control group. */
static __always_inline bool is_renamed(const struct process_row *row, struct task_struct *task)
{
	__u64 name[COMM_SIZE / sizeof(__u64)];
	const __u64 *known = (const __u64 *)row->comm;

	bpf_probe_read_kernel(name, sizeof(name), task->comm);
	return known[0] != name[0] || known[1] != name[1];
}

static __always_inline struct process_row *row_of(struct task_struct *task)
{
	struct task_struct *named = by_thread ? task : task->group_leader;
	struct process_key key = { .pid = task->tgid, .tid = by_thread ? task->pid : 0 };
	struct process_row *row = bpf_map_lookup_elem(&processes, &key);

	if (!row) {
		struct process_row fresh = {};

		fill_row(&fresh, named);
		row = lookup_or_make(&processes, &key, &fresh);
	} else if (named == task && is_renamed(row, task)) {
		fill_row(row, task);
	}
	return row;
}

/*
 * What this task has run and the table does not have. Where its start was not seen, the scheduler's
 * note of it is taken, which only fair tasks keep up to date: never more than the time since
 * something else was seen on this CPU. What was running when the gadget came is left out.
 */
static __always_inline __u64 uncounted_ns(const struct turn *turn, struct task_struct *task)
{
	__u64 ran = task->se.sum_exec_runtime;
	__u64 ns, most;

	if (turn->tid == task->pid)
		return ran > turn->counted_ns ? ran - turn->counted_ns : 0;
	if (!turn->seen_ns)
		return 0;
	ns = ran - task->se.prev_sum_exec_runtime;
	most = task->se.exec_start - turn->seen_ns;
	return ns < most ? ns : most;
}

static __always_inline bool was_voluntary(const struct turn *turn, struct task_struct *task,
					  bool preempt)
{
	if (turn->tid == task->pid)
		return task->nvcsw != turn->voluntary;
	return !preempt && state_of(task);
}

static __always_inline void end_turn(const struct turn *turn, struct task_struct *task,
				     bool preempt)
{
	struct process_row *row;

	if (!is_wanted_task(task))
		return;
	row = row_of(task);
	if (!row)
		return;
	__sync_fetch_and_add(&row->cpu_ns, uncounted_ns(turn, task));
	if (was_voluntary(turn, task, preempt))
		__sync_fetch_and_add(&row->voluntary_switches, 1);
	else
		__sync_fetch_and_add(&row->involuntary_switches, 1);
}

/* BTF-typed, to read tasks without a call for each field. */
SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct turn *turn = own_turn();

	if (!turn)
		return 0;
	if (prev->pid)
		end_turn(turn, prev, preempt);
	turn->tid = next->pid;
	turn->counted_ns = next->se.sum_exec_runtime;
	turn->voluntary = next->nvcsw;
	/* Idle tasks have no such times. */
	turn->seen_ns = next->pid ? next->se.exec_start : prev->se.exec_start;
	return 0;
}

/* Also of a task of another CPU, when something is woken there from here. */
SEC("tp_btf/sched_stat_runtime")
int BPF_PROG(on_runtime, struct task_struct *task)
{
	struct turn *turn = own_turn();
	struct process_row *row;
	__u64 ran;

	if (!turn)
		return 0;
	ran = task->se.sum_exec_runtime;
	if (turn->tid == task->pid && ran < turn->counted_ns + LAG_NS)
		return 0;
	if ((struct task_struct *)bpf_get_current_task() != task)
		return 0;
	if (turn->tid == task->pid && is_wanted_task(task)) {
		row = row_of(task);
		if (row)
			__sync_fetch_and_add(&row->cpu_ns, ran - turn->counted_ns);
	} else if (turn->seen_ns) {
		return 0; /* its start was missed: its end will tell */
	}
	turn->tid = task->pid;
	turn->counted_ns = ran;
	turn->voluntary = task->nvcsw;
	turn->seen_ns = task->se.exec_start;
	return 0;
}
