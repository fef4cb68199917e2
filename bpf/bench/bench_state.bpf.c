// SPDX-License-Identifier: GPL-2.0
/* The smallest object with a program and a map, which are loaded a thousand times over. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} bench_state_map SEC(".maps");

SEC("socket")
int bench_state_run(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&bench_state_map, &key);

	return value ? *value : 0;
}
