// SPDX-License-Identifier: GPL-2.0
/*
 * Two event types in a perf event array. Each call of getppid by the target, or each run of
 * `produce` (which can be told the CPU), sends `burst` records to that CPU's buffer: even indices
 * are counts, odd ones are names. The kernel pads 24 bytes to 28 and 36 bytes to 36.
 */
#include "target.h"

#define BURST_MAX 4096

const volatile __u32 burst = 1;

struct count_event {
	__u64 index;
	__u64 square;
	__u32 cpu;
	__u32 pid;
};

struct name_event {
	__u32 index;
	__u32 cpu;
	__u32 pid;
	char comm[16];
	char label[8];
};

struct count_event *count_event_type SEC(".event_types");
struct name_event *name_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

__u64 sent;
__u64 dropped;
__u64 next_index;

static __always_inline void account(long error)
{
	__sync_fetch_and_add(error ? &dropped : &sent, 1);
}

static __always_inline void send_count(void *ctx, __u64 index)
{
	struct count_event event = { .index = index, .square = index * index };

	event.cpu = bpf_get_smp_processor_id();
	event.pid = bpf_get_current_pid_tgid() >> 32;
	account(bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event)));
}

static __always_inline void send_name(void *ctx, __u64 index)
{
	struct name_event event = { .index = index, .label = "odd" };

	event.cpu = bpf_get_smp_processor_id();
	event.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	account(bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event)));
}

static __always_inline void send_burst(void *ctx)
{
	for (__u32 i = 0; i < BURST_MAX && i < burst; i++) {
		__u64 index = __sync_fetch_and_add(&next_index, 1);

		if (index & 1)
			send_name(ctx, index);
		else
			send_count(ctx, index);
	}
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	if (is_target())
		send_burst(ctx);
	return 0;
}

/* Never attached: BPF_PROG_TEST_RUN takes a CPU for raw tracepoints. */
SEC("raw_tp")
int produce(void *ctx)
{
	send_burst(ctx);
	return 0;
}
