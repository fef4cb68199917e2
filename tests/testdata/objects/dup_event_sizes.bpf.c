// SPDX-License-Identifier: GPL-2.0
/* Two event types of one size in one ring: their records cannot be told apart. */
#include "target.h"

struct left_event {
	__u32 pid;
	__u32 left;
};

struct right_event {
	__u32 pid;
	__s32 right;
};

struct left_event *left_event_type SEC(".event_types");
struct right_event *right_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

__u64 dropped;

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	struct left_event left = { .pid = target_pid, .left = 1 };
	struct right_event right = { .pid = target_pid, .right = -1 };

	if (!is_target())
		return 0;
	if (bpf_ringbuf_output(&events, &left, sizeof(left), 0))
		__sync_fetch_and_add(&dropped, 1);
	if (bpf_ringbuf_output(&events, &right, sizeof(right), 0))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}
