// SPDX-License-Identifier: GPL-2.0
/* A map that asks to be pinned. Loaded through us it must not be, unless the caller says so. */
#include "target.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} ebpf_mcp_test_pinned SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	__u32 key = 0;
	__u64 *count;

	if (!is_target())
		return 0;
	count = bpf_map_lookup_elem(&ebpf_mcp_test_pinned, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}
