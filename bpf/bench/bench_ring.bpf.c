// SPDX-License-Identifier: GPL-2.0
/*
 * Producers for the ring and perf buffer benchmarks. Driven by BPF_PROG_TEST_RUN alone, so that
 * the cost of whatever triggers an event is not measured.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define COMM_SIZE 16
#define PERF_BURST 1000
#define RING_SIZE (16 * 1024 * 1024)

char LICENSE[] SEC("license") = "GPL";

/* 64 bytes. */
struct bench_event {
	__u64 timestamp_ns;
	__u32 pid;
	__u32 cpu;
	__u64 number;
	__u64 shifted;
	char comm[COMM_SIZE];
	__s64 negative;
	__u32 low;
	__u16 half;
	__u8 one;
	__u8 two;
};

struct bench_event *bench_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

__u64 sent;
__u64 dropped;

/* The argument of `produce`: how many records. */
struct bench_request {
	__u64 count;
};

static __always_inline void fill_event(struct bench_event *event, __u32 number)
{
	event->timestamp_ns = bpf_ktime_get_ns();
	event->pid = 1234;
	event->cpu = number & 7;
	event->number = number;
	event->shifted = (__u64)number << 20;
	__builtin_memcpy(event->comm, "producer-comm\0\0", COMM_SIZE);
	event->negative = -(__s64)number;
	event->low = number;
	event->half = number;
	event->one = 1;
	event->two = 2;
}

static long send_next(__u32 number, void *unused)
{
	struct bench_event *event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	fill_event(event, number);
	bpf_ringbuf_submit(event, 0);
	__sync_fetch_and_add(&sent, 1);
	return 0;
}

SEC("syscall")
int produce(struct bench_request *request)
{
	bpf_loop(request->count, send_next, NULL, 0);
	return 0;
}

SEC("raw_tp")
int produce_perf(void *ctx)
{
	struct bench_event event = {};

	for (__u32 number = 0; number < PERF_BURST; number++) {
		long error;

		fill_event(&event, number);
		error = bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &event, sizeof(event));
		__sync_fetch_and_add(error ? &dropped : &sent, 1);
	}
	return 0;
}
