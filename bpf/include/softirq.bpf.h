/* SPDX-License-Identifier: GPL-2.0 */
/*
 * If what happens is the current task's doing, or that of a softirq which interrupts it. x86 counts
 * interrupts per CPU, in a variable whose address not every kernel gives (CONFIG_KALLSYMS_ALL): so
 * softirqs are watched. Include gadget.bpf.h and bpf_tracing.h first.
 */
#ifndef EBPF_MCP_SOFTIRQ_BPF_H
#define EBPF_MCP_SOFTIRQ_BPF_H

#define TASK_KERNEL_THREAD 0x200000 /* PF_KTHREAD of task->flags */

/* 1 while this CPU serves a softirq. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} serving_softirq SEC(".maps");

static __always_inline int set_serving(__u32 serving)
{
	__u32 key = 0;
	__u32 *value = bpf_map_lookup_elem(&serving_softirq, &key);

	if (value)
		*value = serving;
	return 0;
}

SEC("raw_tp/softirq_entry")
int BPF_PROG(on_softirq_entry)
{
	return set_serving(1);
}

SEC("raw_tp/softirq_exit")
int BPF_PROG(on_softirq_exit)
{
	return set_serving(0);
}

/* False in a softirq, and in a thread of the kernel, which acts for others. */
static __always_inline bool acts_for_itself(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 key = 0;
	__u32 *serving = bpf_map_lookup_elem(&serving_softirq, &key);

	if (!serving || *serving)
		return false;
	return !(BPF_CORE_READ(task, flags) & TASK_KERNEL_THREAD);
}

#endif /* EBPF_MCP_SOFTIRQ_BPF_H */
