// SPDX-License-Identifier: GPL-2.0
/*
 * syscall_latency: how often each system call is made, how often it fails, and how long it takes.
 *
 * Summed up in the kernel: a busy host makes millions of calls a second, and none of them leaves it
 * as an event.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define SLOTS 36 /* the last one has all of 34 seconds and more */
#define ROWS_MAX 1024
#define CALLS_MAX 32768
#define MOST_ERRNO 4095
#define NS_PER_US 1000

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 target_syscall = -1;
const volatile __u64 min_latency_us = 0;
const volatile bool only_failed = false;
const volatile bool by_process = false;

struct syscall_key {
	__u32 syscall;
	__u32 pid; /* 0 unless by_process */
};

struct syscall_value {
	__u64 count;
	__u64 errors;
	__u64 total_ns;
	__u64 max_ns;
	__u64 latency_ns[SLOTS];
};

/* Per CPU, and touched by one program that the kernel runs once at a time there: plain additions
 * are exact. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct syscall_key);
	__type(value, struct syscall_value);
} rows SEC(".maps");

/* What a thread is inside of. */
struct syscall_call {
	__u64 start_ns; /* 0: of nothing */
	__u32 syscall;
	__u32 padding;
};

/*
 * By thread id. An entry stays until its thread ends: to write into it takes a third of the time
 * that it takes to add and to delete one for each call.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct syscall_call);
} calls SEC(".maps");

static const struct syscall_value empty = {};

SEC("raw_tp/sys_enter")
int on_enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct syscall_call fresh = { .syscall = ctx->args[1] };
	__u32 tid = bpf_get_current_pid_tgid();
	struct syscall_call *call;

	if (target_syscall != -1 && (__u32)target_syscall != fresh.syscall)
		return 0;
	if (!is_wanted_current() || is_foreign_abi())
		return 0;
	call = bpf_map_lookup_elem(&calls, &tid);
	if (call) {
		call->syscall = fresh.syscall;
		call->start_ns = bpf_ktime_get_ns();
		return 0;
	}
	fresh.start_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&calls, &tid, &fresh, BPF_ANY))
		count_dropped();
	return 0;
}

SEC("raw_tp/sched_process_exit")
int on_thread_exit(void *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

static __always_inline struct syscall_value *row_of(const struct syscall_key *key)
{
	struct syscall_value *row = bpf_map_lookup_elem(&rows, key);

	if (row)
		return row;
	bpf_map_update_elem(&rows, key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&rows, key);
}

SEC("raw_tp/sys_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 tid = pid_tgid;
	long ret = ctx->args[1];
	bool failed = ret < 0 && ret >= -MOST_ERRNO && !is_restarted(ret);
	struct syscall_key key = {};
	struct syscall_call *call;
	struct syscall_value *row;
	__u64 took_ns;

	call = bpf_map_lookup_elem(&calls, &tid);
	if (!call || !call->start_ns)
		return 0;
	took_ns = bpf_ktime_get_ns() - call->start_ns;
	key.syscall = call->syscall;
	call->start_ns = 0;
	if (only_failed && !failed)
		return 0;
	if (min_latency_us && took_ns < min_latency_us * NS_PER_US)
		return 0;
	if (by_process)
		key.pid = pid_tgid >> 32;
	row = row_of(&key);
	if (!row) {
		count_dropped();
		return 0;
	}
	row->count++;
	row->errors += failed;
	row->total_ns += took_ns;
	if (took_ns > row->max_ns)
		row->max_ns = took_ns;
	row->latency_ns[log2_slot(took_ns, SLOTS)]++;
	return 0;
}
