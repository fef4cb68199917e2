// SPDX-License-Identifier: GPL-2.0
/*
 * off_cpu: where threads block, for how long, and who wakes them.
 *
 * A thread blocks when sched_switch takes it off its CPU although nobody needs that one; its stacks
 * are taken there, while it is still the current task. It stops being blocked at sched_wakeup. Who
 * wakes it is the current task of sched_waking, which comes before: sched_wakeup can be on the CPU
 * of the woken one, and sched_waking can be before the sched_switch of a thread that is woken on its
 * way to sleep.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"
#include "stacks.bpf.h"

#define THREADS_MAX 10240
#define ROWS_MAX 10240
#define THREAD_SIZE 16384 /* of a kernel stack on x86-64 and arm64; more with KASAN alone */

/* include/linux/sched.h */
#define PF_KTHREAD 0x200000

char LICENSE[] SEC("license") = "GPL";

/* Shorter times are not counted. */
const volatile __u64 min_us = 0;

/* All zeros for an interrupt. */
struct waker {
	__u32 pid;
	char comm[COMM_SIZE];
};

/* From its first block to its end: to look it up costs less than to make it anew. */
struct blocked_thread {
	__u64 since_ns; /* 0 while it is not blocked */
	__s32 kernel_stack;
	__s32 user_stack;
	struct waker waker;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS_MAX);
	__type(key, __u32);
	__type(value, struct blocked_thread);
} threads SEC(".maps");

struct blocked_key {
	__u32 pid;
	__s32 kernel_stack;
	__s32 user_stack;
	__u32 waker_pid; /* 0 for an interrupt */
	char comm[COMM_SIZE];
	char waker_comm[COMM_SIZE];
};

struct blocked_row {
	__u64 count;
	__u64 total_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct blocked_key);
	__type(value, struct blocked_row);
} blocked SEC(".maps");

/* The registers that user space had when this task came into the kernel. */
static __always_inline struct pt_regs *user_registers(void)
{
	struct task_struct *task;

	/* Since dd6e10fbd9fb ("bpf: Add bpf_task_pt_regs() helper"); before, nothing was above. */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	task = (void *)bpf_get_current_task();
	return (struct pt_regs *)(BPF_CORE_READ(task, stack) + THREAD_SIZE) - 1;
}

/*
 * True where an interrupt, hard or soft, has come over the current task, which then has nothing to
 * do with what happens. Most run on stacks of their own: the context is on the stack that is in use.
 * On x86 one that comes over user space stays on the task's, but leaves no system call's number.
 * (The preempt count, which would say it, is out of reach where kallsyms has no variables.)
 */
static __always_inline bool is_interrupt(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 stack = (__u64)BPF_CORE_READ(task, stack);
	__u64 place = 0;

	bpf_probe_read_kernel(&place, sizeof(place), &ctx);
	if (place - stack >= THREAD_SIZE)
		return true;
#ifdef __TARGET_ARCH_x86
	if (!(BPF_CORE_READ(task, flags) & PF_KTHREAD))
		return BPF_CORE_READ(user_registers(), orig_ax) == -1;
#endif
	return false;
}

/* Fills all of it. */
static __always_inline void fill_waker(void *ctx, struct waker *waker)
{
	__builtin_memset(waker, 0, sizeof(*waker));
	if (is_interrupt(ctx))
		return;
	waker->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(waker->comm, sizeof(waker->comm));
}

/* The element of a thread that has none yet. */
static __always_inline struct blocked_thread *make_thread(__u32 tid)
{
	struct blocked_thread fresh;

	__builtin_memset(&fresh, 0, sizeof(fresh));
	return lookup_or_make(&threads, &tid, &fresh);
}

SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	__u32 tid = bpf_get_current_pid_tgid(); /* still the one of prev */
	__u32 state = state_of(prev);
	struct blocked_thread *thread;

	if (preempt || !state || !tid)
		return 0;
	if (state & TASK_DEAD) {
		bpf_map_delete_elem(&threads, &tid);
		return 0;
	}
	if (!is_wanted_current())
		return 0;
	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread)
		thread = make_thread(tid);
	if (!thread)
		return 0;
	thread->kernel_stack = kernel_stack_id(ctx);
	thread->user_stack = user_stack_id(ctx);
	thread->since_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tp/sched_waking")
int BPF_PROG(on_waking, struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);
	struct blocked_thread *thread = bpf_map_lookup_elem(&threads, &tid);

	if (!thread && is_wanted_task(task))
		thread = make_thread(tid);
	if (thread)
		fill_waker(ctx, &thread->waker);
	return 0;
}

SEC("raw_tp/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	__u32 tid = BPF_CORE_READ(task, pid);
	struct blocked_row *row, fresh = {};
	struct blocked_thread *thread;
	struct blocked_key key;
	__u64 ns;

	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread || !thread->since_ns)
		return 0;
	ns = bpf_ktime_get_ns() - thread->since_ns;
	thread->since_ns = 0;
	if (ns < min_us * NSEC_PER_USEC)
		return 0;
	__builtin_memset(&key, 0, sizeof(key));
	key.pid = BPF_CORE_READ(task, tgid);
	key.kernel_stack = thread->kernel_stack;
	key.user_stack = thread->user_stack;
	key.waker_pid = thread->waker.pid;
	BPF_CORE_READ_STR_INTO(&key.comm, task, comm);
	__builtin_memcpy(key.waker_comm, thread->waker.comm, COMM_SIZE);
	row = bpf_map_lookup_elem(&blocked, &key);
	if (!row)
		row = lookup_or_make(&blocked, &key, &fresh);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->count, 1);
	__sync_fetch_and_add(&row->total_ns, ns);
	return 0;
}
