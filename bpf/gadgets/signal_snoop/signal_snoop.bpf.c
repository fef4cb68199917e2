// SPDX-License-Identifier: GPL-2.0
/*
 * signal_snoop: who sends which signal to whom, and what came of it.
 *
 * signal_generate has every signal that reaches the step of being queued, whoever made it, once
 * per receiver. What never comes that far, because the sender may not or the receiver is not
 * there, is taken from the exits of the calls that send.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define CALLS_MAX 4096
#define RING_SIZE (512 * 1024)

/* Special values of a siginfo pointer, and the codes above which the kernel is the sender. */
#define SEND_SIG_NOINFO 0
#define SEND_SIG_PRIV 1
#define SI_USER 0
#define SI_KERNEL 0x80

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 target_signal = -1;
const volatile __s32 target_receiver = -1;
const volatile bool include_failed = true;

/* The first five as enum of TRACE_SIGNAL_* in include/trace/events/signal.h. */
enum signal_result {
	DELIVERED,
	IGNORED,
	ALREADY_PENDING,
	QUEUE_FULL,
	INFO_LOST,
	REFUSED,
};

struct signal_event {
	TASK_FIELDS; /* the sender */
	__s32 signal;
	__s32 receiver_pid; /* of a refused one as it was given: a group is negative */
	__s32 receiver_tid;
	__s32 code; /* si_code */
	__s32 ret;
	enum signal_result result;
	bool from_kernel;
	bool to_thread;
	char receiver_comm[COMM_SIZE];
};

struct signal_event *signal_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* What a thread that is inside a call asked for. */
struct signal_call {
	__s32 pid;
	__s32 tid;
	__s32 signal;
};

/* By thread id; an entry goes at the exit. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct signal_call);
} calls SEC(".maps");

static __always_inline bool is_wanted_signal(int signal)
{
	return target_signal == -1 || target_signal == signal;
}

/* Either end: a signal belongs to who sends it as much as to who gets it. */
static __always_inline bool is_wanted_pair(struct task_struct *receiver)
{
	if (target_receiver != -1 && target_receiver != BPF_CORE_READ(receiver, tgid))
		return false;
	return is_wanted_current() || is_wanted_task(receiver);
}

SEC("raw_tp/signal_generate")
int on_generate(struct bpf_raw_tracepoint_args *ctx)
{
	int signal = ctx->args[0];
	unsigned long info = ctx->args[1];
	struct task_struct *receiver = (struct task_struct *)ctx->args[2];
	struct signal_event *event;

	if (!is_wanted_signal(signal) || !is_wanted_pair(receiver))
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_dropped();
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	fill_current(event);
	event->signal = signal;
	event->receiver_pid = BPF_CORE_READ(receiver, tgid);
	event->receiver_tid = BPF_CORE_READ(receiver, pid);
	BPF_CORE_READ_STR_INTO(&event->receiver_comm, receiver, comm);
	if (info == SEND_SIG_NOINFO)
		event->code = SI_USER;
	else if (info == SEND_SIG_PRIV)
		event->code = SI_KERNEL;
	else
		event->code = BPF_CORE_READ((struct kernel_siginfo *)info, si_code);
	event->from_kernel = event->code > SI_USER;
	event->to_thread = !(int)ctx->args[3];
	event->result = ctx->args[4];
	bpf_ringbuf_submit(event, 0);
	return 0;
}

static __always_inline int enter(__s32 pid, __s32 tid, int signal)
{
	struct signal_call call = { .pid = pid, .tid = tid, .signal = signal };
	__u32 id = bpf_get_current_pid_tgid();

	/* Signal 0 is only a question whether the receiver is there. */
	if (!include_failed || signal == 0 || !is_wanted_signal(signal))
		return 0;
	if (target_receiver != -1 && target_receiver != pid)
		return 0;
	if (is_wanted_current())
		bpf_map_update_elem(&calls, &id, &call, BPF_ANY);
	return 0;
}

static __always_inline int leave(long ret)
{
	__u32 id = bpf_get_current_pid_tgid();
	struct signal_event *event;
	struct signal_call *call;

	if (!include_failed)
		return 0;
	call = bpf_map_lookup_elem(&calls, &id);
	if (!call)
		return 0;
	if (ret >= 0)
		goto forget;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_dropped();
		goto forget;
	}
	__builtin_memset(event, 0, sizeof(*event));
	fill_current(event);
	event->signal = call->signal;
	event->receiver_pid = call->pid;
	event->receiver_tid = call->tid;
	event->to_thread = call->tid != 0;
	event->ret = ret;
	event->result = REFUSED;
	bpf_ringbuf_submit(event, 0);
forget:
	bpf_map_delete_elem(&calls, &id);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_kill")
int on_enter_kill(struct syscall_trace_enter___compat *ctx)
{
	return enter(ctx->args[0], 0, ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_kill")
int on_exit_kill(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_tkill")
int on_enter_tkill(struct syscall_trace_enter___compat *ctx)
{
	return enter(0, ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_tkill")
int on_exit_tkill(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_tgkill")
int on_enter_tgkill(struct syscall_trace_enter___compat *ctx)
{
	return enter(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_exit_tgkill")
int on_exit_tgkill(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx->ret);
}
