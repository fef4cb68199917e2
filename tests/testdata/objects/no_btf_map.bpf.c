// SPDX-License-Identifier: GPL-2.0
/* Compiled without debug information: a map in .maps is described by BTF alone, so none loads. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *packets = bpf_map_lookup_elem(&counts, &key);

	if (packets)
		__sync_fetch_and_add(packets, 1);
	return XDP_PASS;
}
