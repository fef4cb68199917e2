// SPDX-License-Identifier: GPL-2.0
/* Stacks of the system calls that one process makes with one number, by ids of a stack map. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define STACKS_MAX 1024
#define DEPTH 127

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 target_pid = 0;
const volatile __u64 target_syscall = 0;

struct stack_ids {
	__s32 kernel;
	__s32 user;
};

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, STACKS_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, DEPTH * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, STACKS_MAX);
	__type(key, struct stack_ids);
	__type(value, __u64);
} seen SEC(".maps");

SEC("raw_tp/sys_enter")
int on_enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct stack_ids ids;
	__u64 one = 1, *count;

	if (bpf_get_current_pid_tgid() >> 32 != target_pid || ctx->args[1] != target_syscall)
		return 0;
	ids.kernel = bpf_get_stackid(ctx, &stacks, 0);
	ids.user = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	count = bpf_map_lookup_elem(&seen, &ids);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&seen, &ids, &one, BPF_ANY);
	return 0;
}
