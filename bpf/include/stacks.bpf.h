/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks by id, for gadgets whose rows or events have fields of the formats kernel_stack and
 * user_stack. Include vmlinux.h and bpf_helpers.h first.
 */
#ifndef EBPF_MCP_STACKS_BPF_H
#define EBPF_MCP_STACKS_BPF_H

/* As deep as kernel.perf_event_max_stack lets a stack be by default. */
#define STACK_DEPTH 127
/* Eight megabytes. The kernel keeps one stack of those whose hash falls on the same id. */
#define STACKS_MAX 8192

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, STACKS_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

/*
 * The stack of the current task as an id, or -errno: -14 where there is none (kernel threads have
 * none of user space), -17 where another stack has taken its place.
 */
#define kernel_stack_id(ctx) bpf_get_stackid(ctx, &stacks, 0)
#define user_stack_id(ctx) bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK)

#endif /* EBPF_MCP_STACKS_BPF_H */
