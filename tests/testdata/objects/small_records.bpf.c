// SPDX-License-Identifier: GPL-2.0
/*
 * A large ring of the smallest records: a run of `produce` attempts `burst` of them, more than a
 * reader takes in one look. attempted = records in the ring + dropped.
 */
#include "target.h"

const volatile __u32 burst = 600000;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} events SEC(".maps");

__u64 dropped;

static long send_next(__u32 step, void *unused)
{
	__u64 number = step;

	if (bpf_ringbuf_output(&events, &number, sizeof(number), 0))
		__sync_fetch_and_add(&dropped, 1);
	return 0;
}

SEC("syscall")
int produce(void *ctx)
{
	bpf_loop(burst, send_next, NULL, 0);
	return 0;
}
