/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arguments of a system call, kept from its start until it returns, for gadgets that report calls
 * with their results. What arguments point to is read at the return: the kernel has then read it
 * too, so it is in memory. Include gadget.bpf.h and what that needs first.
 *
 * The tracepoints of syscalls:* are silent for 32-bit processes on a 64-bit kernel, and for what
 * io_uring does in place of a call.
 */
#ifndef EBPF_MCP_SYSCALL_ARGS_BPF_H
#define EBPF_MCP_SYSCALL_ARGS_BPF_H

#define SYSCALL_ARGS_KEPT 5
#define SYSCALLS_MAX 8192

struct syscall_args {
	__u64 args[SYSCALL_ARGS_KEPT];
};

/*
 * By thread id, while the thread is inside the call. An entry whose call never returns, as its
 * thread is killed there, stays until the next call under that id.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SYSCALLS_MAX);
	__type(key, __u32);
	__type(value, struct syscall_args);
} syscalls_inside SEC(".maps");

/*
 * Keeps arguments, as `keep_syscall_args(ctx->args[0], ctx->args[1])`, the rest 0. A program that
 * reads more than its call has cannot be attached. A call that finds no room is counted as dropped:
 * it will not be reported.
 */
#define keep_syscall_args(...) keep_args((struct syscall_args){ { __VA_ARGS__ } })

static __always_inline int keep_args(struct syscall_args args)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (bpf_map_update_elem(&syscalls_inside, &tid, &args, BPF_ANY))
		count_dropped();
	return 0;
}

/* Takes what was kept of a thread out of the map. False if there is nothing. */
static __always_inline bool take_args_of(__u32 tid, struct syscall_args *args)
{
	struct syscall_args *kept = bpf_map_lookup_elem(&syscalls_inside, &tid);

	if (!kept)
		return false;
	*args = *kept;
	bpf_map_delete_elem(&syscalls_inside, &tid);
	return true;
}

/*
 * Takes the arguments of the call that returns. False if its start was not seen or not wanted, or
 * if the kernel begins it anew: then its next return reports it.
 */
static __always_inline bool take_syscall_args(long ret, struct syscall_args *args)
{
	return take_args_of(bpf_get_current_pid_tgid(), args) && !is_restarted(ret);
}

/*
 * Reads a caller's text into `to`, of `size` bytes. Gives the bytes that it takes there, its end
 * included, and says by `cut` if it has more, or could not be read. Where there is none, it is empty.
 */
static __always_inline __u32 read_user_text(char *to, __u32 size, __u64 from, bool *cut)
{
	long length = bpf_probe_read_user_str(to, size, (const void *)from);
	char last = 0;

	*cut = from && length < 0; /* older kernels answer 0 for an empty text, newer ones 1 */
	if (length <= 0)
		return 0;
	if (length == size) {
		bpf_probe_read_user(&last, 1, (const void *)(from + size - 1));
		*cut = last != 0;
	}
	return length;
}

#endif /* EBPF_MCP_SYSCALL_ARGS_BPF_H */
