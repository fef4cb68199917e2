// SPDX-License-Identifier: GPL-2.0
/*
 * Many records, each with its number, so that a reader can account for every one. A run of
 * `produce`, or a getppid by the target, attempts `burst` records. attempted = sent + dropped.
 */
#include "target.h"

#define COMM_SIZE 16

const volatile __u32 burst = 1000;

struct flood_event {
	__u64 timestamp_ns;
	__u64 number;
	__u32 pid;
	__u32 cpu;
	char comm[COMM_SIZE];
	__u64 low;
	__s64 negative;
	__u64 high;
};

struct flood_event *flood_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
} events SEC(".maps");

__u64 attempted;
__u64 sent;
__u64 dropped;

static long send_next(__u32 step, void *unused)
{
	__u64 number = __sync_fetch_and_add(&attempted, 1);
	struct flood_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	event->timestamp_ns = bpf_ktime_get_ns();
	event->number = number;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	event->low = number & 0xff;
	event->negative = -(__s64)number;
	event->high = number << 40;
	bpf_ringbuf_submit(event, 0);
	__sync_fetch_and_add(&sent, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	if (is_target())
		bpf_loop(burst, send_next, NULL, 0);
	return 0;
}

SEC("syscall")
int produce(void *ctx)
{
	bpf_loop(burst, send_next, NULL, 0);
	return 0;
}
