// SPDX-License-Identifier: GPL-2.0
/*
 * Three event types in one ring, named by nothing but global pointer variables, told apart by
 * size. The target sends a call by getppid, a group by getpgid(group), a session by getsid(id).
 */
#include "target.h"
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"

struct call_event {
	__u32 pid;
	__u32 count;
};

struct group_event {
	__u32 pid;
	__s32 group;
	char comm[16];
};

struct session_event {
	__u64 timestamp_ns;
	__u32 pid;
	__s32 session;
	char comm[16];
	struct {
		__u64 user;
		__u64 kernel;
	} stack;
};

struct call_event *call_event_type;
struct group_event *group_event_type;
struct session_event *session_event_type;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

__u32 calls;
__u64 dropped;

static __always_inline void send(void *event, __u64 size)
{
	if (bpf_ringbuf_output(&events, event, size, 0))
		__sync_fetch_and_add(&dropped, 1);
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	struct call_event event = { .pid = target_pid };

	if (!is_target())
		return 0;
	event.count = __sync_fetch_and_add(&calls, 1);
	send(&event, sizeof(event));
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getpgid")
int on_getpgid(struct syscall_trace_enter___compat *ctx)
{
	struct group_event event = { .pid = target_pid };

	if (!is_target())
		return 0;
	event.group = ctx->args[0];
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	send(&event, sizeof(event));
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getsid")
int on_getsid(struct syscall_trace_enter___compat *ctx)
{
	struct session_event event = { .pid = target_pid };

	if (!is_target())
		return 0;
	event.timestamp_ns = bpf_ktime_get_ns();
	event.session = ctx->args[0];
	event.stack.user = 1;
	event.stack.kernel = ~0ULL;
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	send(&event, sizeof(event));
	return 0;
}
