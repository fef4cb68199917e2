// SPDX-License-Identifier: GPL-2.0
/* Calls into the other half, and uses its map and variable. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

extern int shared_function(int number);
extern __u64 shared_count;
extern struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} shared_map SEC(".maps");

static __u64 own;

SEC("tc")
int first_half(struct __sk_buff *ctx)
{
	__u32 key = 0;

	own++;
	shared_count++;
	return bpf_map_lookup_elem(&shared_map, &key) ? shared_function(ctx->len) : 0;
}

char _license[] SEC("license") = "GPL";
