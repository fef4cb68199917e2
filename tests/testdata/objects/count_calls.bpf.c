// SPDX-License-Identifier: GPL-2.0
/* A gadget whose answer is a table, each CPU counting for itself. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define SLOTS 40
#define ROWS_MAX 512

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 only_number = -1;

struct call_key {
	__u32 pid;
	__u32 nr;
	char comm[COMM_SIZE];
};

struct call_value {
	__u64 count;
	__u64 first_ns;
	__u64 last_ns;
	__u64 gaps[SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct call_key);
	__type(value, struct call_value);
} calls SEC(".maps");

/* Too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_value);
} empty SEC(".maps");

static __always_inline __u32 slot_of(__u64 value)
{
	__u32 slot = 0;

#pragma unroll
	for (int i = 0; i < SLOTS - 1; i++) {
		value >>= 1;
		if (value)
			slot++;
	}
	return slot;
}

SEC("raw_tp/sys_enter")
int BPF_PROG(on_call, struct pt_regs *regs, long nr)
{
	__u64 now = bpf_ktime_get_ns();
	struct call_key key = {};
	struct call_value *value;
	__u32 zero = 0;

	if (only_number != -1 && only_number != nr)
		return 0;
	if (!is_wanted_current())
		return 0;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	key.nr = nr;
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	value = bpf_map_lookup_elem(&calls, &key);
	if (!value) {
		value = bpf_map_lookup_elem(&empty, &zero);
		if (!value)
			return 0;
		bpf_map_update_elem(&calls, &key, value, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&calls, &key);
		if (!value) {
			count_dropped();
			return 0;
		}
	}
	if (value->last_ns) {
		__u32 slot = slot_of(now - value->last_ns);

		if (slot < SLOTS)
			value->gaps[slot]++;
	} else {
		value->first_ns = now;
	}
	value->count++;
	value->last_ns = now;
	return 0;
}
