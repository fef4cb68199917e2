// SPDX-License-Identifier: GPL-2.0
/* Programs that the verifier must reject, each for another reason, and one that it accepts. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CONNECT_BEYOND 5

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64[4]);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int accepted(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* infinite loop detected */
SEC("xdp")
int unbounded_loop(struct xdp_md *ctx)
{
	__u64 state = bpf_ktime_get_ns();

	while (state != 1)
		state = state & 1 ? state * 3 + 1 : state / 2 + bpf_get_prandom_u32();
	return XDP_PASS;
}

/* R0 invalid mem access 'map_value_or_null' */
SEC("xdp")
int null_dereference(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&numbers, &key);

	return *value ? XDP_PASS : XDP_DROP;
}

/* R3 !read_ok: at the entry only R1 has a value */
SEC("xdp")
int uninitialised_read(struct xdp_md *ctx)
{
	__u64 value;

	asm volatile("%0 = r3" : "=r"(value));
	return value;
}

/* R6 max value is outside of the allowed memory range */
SEC("xdp")
int out_of_bounds(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&numbers, &key);

	return value && value[bpf_get_prandom_u32() & 7] ? XDP_PASS : XDP_DROP;
}

/* invalid access to packet */
SEC("xdp")
int unchecked_packet(struct xdp_md *ctx)
{
	return *(__u8 *)(long)ctx->data ? XDP_PASS : XDP_DROP;
}

/* reference leak */
SEC("xdp")
int leaked_reference(struct xdp_md *ctx)
{
	__u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (event)
		*event = 1;
	return XDP_PASS;
}

/* At program exit the register R0 has 5 and should have been in [0, 1] */
SEC("cgroup/connect4")
int wrong_result(struct bpf_sock_addr *ctx)
{
	return CONNECT_BEYOND;
}

/* program of this type cannot use helper bpf_skb_change_type */
SEC("xdp")
int wrong_helper(struct xdp_md *ctx)
{
	return bpf_skb_change_type((void *)ctx, 0) ? XDP_PASS : XDP_DROP;
}
