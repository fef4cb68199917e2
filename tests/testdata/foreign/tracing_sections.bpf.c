// SPDX-License-Identifier: GPL-2.0
/* One program for each section that needs no function of the kernel to be patched. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#define PROGRAM(section, name)	\
	SEC(section)		\
	int name(void *ctx)	\
	{			\
		return 0;	\
	}

PROGRAM("kprobe/do_nothing", on_kprobe)
PROGRAM("kretprobe", on_kretprobe)
PROGRAM("ksyscall/unlinkat", on_ksyscall)
PROGRAM("uprobe//bin/sh:main", on_uprobe)
PROGRAM("uretprobe", on_uretprobe)
PROGRAM("uprobe.s", on_sleepable_uprobe)
PROGRAM("tp/syscalls/sys_enter_openat", on_tp)
PROGRAM("tracepoint/sched/sched_switch", on_tracepoint)
PROGRAM("raw_tp/sched_switch", on_raw_tp)
PROGRAM("raw_tracepoint.w/sched_switch", on_writable)
PROGRAM("tp_btf/sched_switch", on_tp_btf)
PROGRAM("perf_event", on_perf_event)
PROGRAM("syscall", on_syscall)

SEC("usdt/libc.so.6:libc:setjmp")
int BPF_USDT(on_usdt, void *env)
{
	return 0;
}

SEC("iter/task")
int on_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		bpf_seq_write(ctx->meta->seq, task->comm, sizeof(task->comm));
	return 0;
}

SEC("iter.s/bpf_map")
int on_map(struct bpf_iter__bpf_map *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
