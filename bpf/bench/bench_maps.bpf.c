// SPDX-License-Identifier: GPL-2.0
/* Maps to dump in the benchmarks; `fill` puts in as many elements as it is asked for. */
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define COMM_SIZE 16
#define HASH_SIZE (1024 * 1024)
#define PERCPU_SIZE (128 * 1024)

char LICENSE[] SEC("license") = "GPL";

struct bench_row {
	__u64 count;
	__u64 last_ns;
	__u32 low;
	__u32 high;
	char comm[COMM_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, HASH_SIZE);
	__type(key, __u32);
	__type(value, struct bench_row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, PERCPU_SIZE);
	__type(key, __u32);
	__type(value, struct bench_row);
} cpu_rows SEC(".maps");

/* The argument of `fill`: how many elements, from key 0 on. */
struct bench_request {
	__u64 count;
};

static long fill_next(__u32 number, void *unused)
{
	struct bench_row row = { .count = number, .last_ns = (__u64)number << 20 };

	row.low = number & 0xff;
	row.high = ~number;
	__builtin_memcpy(row.comm, "producer-comm\0\0", COMM_SIZE);
	bpf_map_update_elem(&rows, &number, &row, BPF_ANY);
	if (number < PERCPU_SIZE)
		bpf_map_update_elem(&cpu_rows, &number, &row, BPF_ANY);
	return 0;
}

SEC("syscall")
int fill(struct bench_request *request)
{
	bpf_loop(request->count, fill_next, NULL, 0);
	return 0;
}
