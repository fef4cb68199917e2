// SPDX-License-Identifier: GPL-2.0
/* Maps as they were written before BTF: libbpf 1.0 does not take them any more. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

struct {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
} counts SEC("maps") = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1,
};

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counts, &key) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
