// SPDX-License-Identifier: GPL-2.0
/*
 * page_faults: who touches memory that is not there yet, or not to be touched that way.
 *
 * The tracepoints are at the start of a fault: they tell the address and how it was touched, and
 * not how it ends. If it had to wait for a disk, the thread's own counters say afterwards; they are
 * read when its next fault begins, and when it exits.
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

/* What the processor says of a fault: arch/x86/include/asm/trap_pf.h. */
#define FAULT_PROTECTION 1
#define FAULT_WRITE 2
#define FAULT_FETCH 16

/* Addresses of the kernel have the highest bit. */
#define KERNEL_ADDRESS (1ULL << 63)

#define TASK_EXITING 4 /* PF_EXITING of task->flags, the same since 2.6 */

char LICENSE[] SEC("license") = "GPL";

/* Sums up by control group instead of by process. */
const volatile bool by_cgroup = false;

struct fault_key {
	__u64 cgroup_id;
	__u32 pid; /* 0 when summed up by control group */
};

struct fault_row {
	__u64 faults;
	__u64 kernel_faults;
	__u64 writes;
	__u64 fetches;
	__u64 protection;
	__u64 minor;
	__u64 major;
	char comm[COMM_SIZE]; /* of the thread that was the first of its row */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct fault_key);
	__type(value, struct fault_row);
} faulting SEC(".maps");

/* A thread's counters, as they were when they were last added to a row. */
struct counted {
	__u64 minor;
	__u64 major;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS_MAX);
	__type(key, __u32);
	__type(value, struct counted);
} threads SEC(".maps");

static __always_inline struct fault_row *row_of(struct task_struct *task)
{
	struct fault_row *row, fresh;
	struct fault_key key;

	__builtin_memset(&key, 0, sizeof(key)); /* the padding, too */
	key.cgroup_id = cgroup_id_of(task);
	if (!by_cgroup)
		key.pid = bpf_get_current_pid_tgid() >> 32;
	row = bpf_map_lookup_elem(&faulting, &key);
	if (row)
		return row;
	__builtin_memset(&fresh, 0, sizeof(fresh));
	if (!by_cgroup)
		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	return lookup_or_make(&faulting, &key, &fresh);
}

static __always_inline void add(__u64 *sum, __u64 more)
{
	if (more)
		__sync_fetch_and_add(sum, more);
}

/*
 * Adds to the row what the thread's counters have gained, and notes where they are. They fall only
 * where the id is another thread's by now: a thread that calls exec takes its process's id, and
 * leaves its own here.
 */
static __always_inline void settle(struct fault_row *row, struct task_struct *task)
{
	__u64 minor = BPF_CORE_READ(task, min_flt);
	__u64 major = BPF_CORE_READ(task, maj_flt);
	__u32 tid = bpf_get_current_pid_tgid();
	struct counted *counted = bpf_map_lookup_elem(&threads, &tid);
	struct counted now = { .minor = minor, .major = major };

	if (counted) {
		if (minor >= counted->minor && major >= counted->major) {
			add(&row->minor, minor - counted->minor);
			add(&row->major, major - counted->major);
		}
		*counted = now;
	} else if (bpf_map_update_elem(&threads, &tid, &now, BPF_ANY)) {
		count_dropped();
	}
}

static __always_inline int on_fault(__u64 error, __u64 kernel)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fault_row *row;

	if (!is_wanted_current())
		return 0;
	row = row_of(task);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->faults, 1);
	add(&row->kernel_faults, kernel);
	add(&row->writes, (error & FAULT_WRITE) != 0);
	add(&row->fetches, (error & FAULT_FETCH) != 0);
	add(&row->protection, (error & FAULT_PROTECTION) != 0);
	/* One that exits has been settled, and would stay in the map. */
	if (!(BPF_CORE_READ(task, flags) & TASK_EXITING))
		settle(row, task);
	return 0;
}

SEC("raw_tp/page_fault_user")
int BPF_PROG(on_user_fault, __u64 address, struct pt_regs *regs, __u64 error)
{
	return on_fault(error, 0);
}

/* The helper that reads the count has raised it by one itself: pagefault_disable nests. */
static __always_inline bool are_faults_off(struct task_struct *task)
{
	return BPF_CORE_READ(task, pagefault_disabled) > 1;
}

/*
 * In the kernel, for a process: a system call that touches its memory. The kernel's own addresses
 * are left out, and what it tries with faults switched off: there it finds out that it must ask
 * anew, and no page is made.
 */
SEC("raw_tp/page_fault_kernel")
int BPF_PROG(on_kernel_fault, __u64 address, struct pt_regs *regs, __u64 error)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	if (address & KERNEL_ADDRESS || are_faults_off(task))
		return 0;
	return on_fault(error, 1);
}

/* The thread's last fault is counted by now. */
SEC("raw_tp/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct fault_row *row;

	if (!bpf_map_lookup_elem(&threads, &tid))
		return 0;
	row = row_of(task);
	if (row)
		settle(row, task);
	bpf_map_delete_elem(&threads, &tid);
	return 0;
}
