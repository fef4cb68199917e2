// SPDX-License-Identifier: GPL-2.0
/* Maps that start with maps and programs in them. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [3] = &inner },
};

/* The inner maps are anonymous: only their shape is known. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_RINGBUF);
		__uint(max_entries, 4096);
	});
} rings SEC(".maps");

SEC("tc")
int first(struct __sk_buff *ctx)
{
	return 1;
}

SEC("tc")
int second(struct __sk_buff *ctx)
{
	__u32 key = 3;

	return bpf_map_lookup_elem(&outer, &key) != NULL;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int(struct __sk_buff *));
} calls SEC(".maps") = {
	.values = { [0] = &first, [1] = &second },
};

SEC("tc")
int dispatch(struct __sk_buff *ctx)
{
	bpf_tail_call(ctx, &calls, ctx->mark & 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
