// SPDX-License-Identifier: GPL-2.0
/*
 * profile: which code the CPUs run, by samples of their stacks.
 *
 * A perf event of each CPU (software, cpu-clock) fires `frequency` times a second; the manifest
 * says so to the runner. What runs there is counted by thread name and stacks.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"
#include "stacks.bpf.h"

#define ROWS_MAX 10240

char LICENSE[] SEC("license") = "GPL";

/* Samples of each CPU in a second. */
const volatile __u32 frequency = 99;

struct sample_key {
	__u32 pid;
	__s32 kernel_stack;
	__s32 user_stack;
	char comm[COMM_SIZE];
};

struct sample_row {
	__u64 count;
	__u64 cpu_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct sample_key);
	__type(value, struct sample_row);
} samples SEC(".maps");

SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct sample_row *row, fresh = {};
	struct sample_key key;

	if (!(__u32)pid_tgid || !is_wanted_current() || !frequency)
		return 0; /* an idle CPU, or others */
	__builtin_memset(&key, 0, sizeof(key));
	key.pid = pid_tgid >> 32;
	key.kernel_stack = kernel_stack_id(ctx);
	key.user_stack = user_stack_id(ctx);
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	row = bpf_map_lookup_elem(&samples, &key);
	if (!row)
		row = lookup_or_make(&samples, &key, &fresh);
	if (!row)
		return 0;
	__sync_fetch_and_add(&row->count, 1);
	__sync_fetch_and_add(&row->cpu_ns, NSEC_PER_SEC / frequency);
	return 0;
}
