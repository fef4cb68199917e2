// SPDX-License-Identifier: GPL-2.0
/*
 * Each program calls bpf_ktime_get_ns, or a kfunc, from another hiding place; only `plain` does it
 * openly and `innocent` not at all. A check of the section's own instructions finds one of them.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* Complete, because libbpf compares a kfunc's types with the kernel's. */
struct task_struct {
	int pid;
};

struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

SEC("syscall")
int innocent(void *ctx)
{
	return 0;
}

SEC("syscall")
int plain(void *ctx)
{
	return bpf_ktime_get_ns() & 1;
}

/* Lies in .text; libbpf appends it to each program that calls it. */
static __noinline int static_helper(void)
{
	return bpf_ktime_get_ns() & 1;
}

SEC("syscall")
int in_static_subprogram(void *ctx)
{
	return static_helper();
}

__noinline int global_helper(int seed)
{
	return seed + (bpf_ktime_get_ns() & 1);
}

SEC("syscall")
int in_global_function(void *ctx)
{
	return global_helper(1);
}

static long callback(__u32 index, void *sum)
{
	*(__u64 *)sum += bpf_ktime_get_ns();
	return 0;
}

/* Reached only by a BPF_PSEUDO_FUNC address, never by a call instruction. */
SEC("syscall")
int in_callback(void *ctx)
{
	__u64 sum = 0;

	bpf_loop(2, callback, &sum, 0);
	return sum & 1;
}

static __noinline int deeper(void)
{
	return static_helper() + 1;
}

SEC("syscall")
int in_nested_subprogram(void *ctx)
{
	return deeper();
}

SEC("syscall")
int calls_kfunc(void *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);

	if (task)
		bpf_task_release(task);
	return task != NULL;
}
