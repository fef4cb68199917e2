// SPDX-License-Identifier: GPL-2.0
/*
 * exit_snoop: every thread and process that ends, and how.
 *
 * sched_process_exit runs in the thread that ends, after its exit code is final (a core dump has
 * been written by then) and before its name, ids and parent go.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define RING_SIZE (512 * 1024)

/* As wait(2) takes a status apart. */
#define SIGNAL_BITS 0x7f
#define CORE_BIT 0x80
#define CODE_SHIFT 8
#define CODE_BITS 0xff

char LICENSE[] SEC("license") = "GPL";

const volatile bool include_threads = true;
const volatile bool only_failed = false;

struct exit_event {
	TASK_FIELDS;
	__u32 ppid;
	__u64 age_ns; /* since its start */
	__u64 cpu_ns; /* of this thread alone */
	__u32 exit_code; /* as given to exit(2) */
	__u32 signal; /* that ended it, or 0 */
	bool core_dumped;
	bool process_ended; /* it was the last thread of its process */
};

struct exit_event *exit_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* Whether no thread of the process is left. */
static __always_inline bool was_last(struct task_struct *task, __u64 group_dead)
{
	if (tells_group_dead())
		return group_dead & 0xff;
	return BPF_CORE_READ(task, signal, live.counter) == 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx->args[0];
	__u32 status = BPF_CORE_READ(task, exit_code);
	struct exit_event *event;
	bool last;

	if (only_failed && status == 0)
		return 0;
	last = was_last(task, tells_group_dead() ? ctx->args[1] : 0);
	if (!include_threads && !last)
		return 0;
	if (!is_wanted_current())
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_dropped();
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	fill_current(event);
	event->ppid = BPF_CORE_READ(task, real_parent, tgid);
	event->age_ns = event->timestamp_ns - BPF_CORE_READ(task, start_time);
	event->cpu_ns = BPF_CORE_READ(task, se.sum_exec_runtime);
	event->exit_code = status >> CODE_SHIFT & CODE_BITS;
	event->signal = status & SIGNAL_BITS;
	event->core_dumped = status & CORE_BIT;
	event->process_ended = last;
	bpf_ringbuf_submit(event, 0);
	return 0;
}
