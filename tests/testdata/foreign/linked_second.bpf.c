// SPDX-License-Identifier: GPL-2.0
/* What the first half declares. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

__u64 shared_count = 5;
static __u64 own;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} shared_map SEC(".maps");

__noinline int shared_function(int number)
{
	own++;
	return number + 1;
}

SEC("tc")
int second_half(struct __sk_buff *ctx)
{
	return shared_function(ctx->len);
}

char _license[] SEC("license") = "GPL";
