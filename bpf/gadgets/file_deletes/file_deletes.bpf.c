// SPDX-License-Identifier: GPL-2.0
/*
 * file_deletes: every call that takes a name of a file or a folder away, or tries to.
 *
 * A rename takes away what was at its new path. Whether anything was there, no tracepoint tells, so
 * each is reported but those that were told not to replace (RENAME_NOREPLACE, RENAME_EXCHANGE).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "syscall_args.bpf.h"

#define PATH_SIZE 4096 /* PATH_MAX: the kernel takes no longer one */
#define RING_SIZE (1024 * 1024)

/* Constants that BTF does not carry. */
#define AT_FDCWD -100
#define AT_REMOVEDIR 0x200
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2

char LICENSE[] SEC("license") = "GPL";

const volatile bool include_failed = true;
const volatile bool include_renames = true;

enum delete_operation {
	DELETE_UNLINK,
	DELETE_RMDIR,
	DELETE_RENAME, /* what was at the new path, if anything was */
};

struct delete_event {
	TASK_FIELDS;
	enum delete_operation operation;
	__s32 ret; /* 0, or -errno */
	__s32 folder_fd; /* what a relative path starts from; AT_FDCWD: the working directory */
	bool path_cut;
	char path[PATH_SIZE]; /* as it was given */
};

/* Only the used part of `path` is sent, so the record ends where it ends. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct delete_event, path)

struct delete_event *delete_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* One room for each program that sends; exec_snoop says why. */
enum delete_room {
	ROOM_UNLINK,
	ROOM_UNLINKAT,
	ROOM_RMDIR,
	ROOM_RENAME,
	ROOM_RENAMEAT,
	ROOM_RENAMEAT2,
	ROOM_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROOM_COUNT);
	__type(key, __u32);
	__type(value, struct delete_event);
} scratch SEC(".maps");

static __always_inline int report(void *ctx, enum delete_room room, enum delete_operation operation,
				  __s32 folder_fd, __u64 path, long ret)
{
	__u32 key = room;
	struct delete_event *event;
	__u64 used;
	bool cut;

	if (ret && !include_failed)
		return 0;
	event = bpf_map_lookup_elem(&scratch, &key);
	if (!event)
		return 0;
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_current(event);
	event->operation = operation;
	event->ret = ret;
	event->folder_fd = folder_fd;
	used = read_user_text(event->path, PATH_SIZE, path, &cut);
	event->path_cut = cut;
	if (used > PATH_SIZE) /* never: for the verifier */
		used = PATH_SIZE;
	if (bpf_ringbuf_output(&events, event, EVENT_HEAD_SIZE + used, 0))
		count_dropped();
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_unlinkat")
int on_enter_unlinkat(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_exit_unlinkat")
int on_exit_unlinkat(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(ctx, ROOM_UNLINKAT,
		      call.args[2] & AT_REMOVEDIR ? DELETE_RMDIR : DELETE_UNLINK, call.args[0],
		      call.args[1], ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_renameat")
int on_enter_renameat(struct syscall_trace_enter___compat *ctx)
{
	if (!include_renames || !is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[2], ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_renameat")
int on_exit_renameat(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(ctx, ROOM_RENAMEAT, DELETE_RENAME, call.args[0], call.args[1], ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_renameat2")
int on_enter_renameat2(struct syscall_trace_enter___compat *ctx)
{
	if (!include_renames || ctx->args[4] & (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return 0;
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[2], ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_renameat2")
int on_exit_renameat2(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(ctx, ROOM_RENAMEAT2, DELETE_RENAME, call.args[0], call.args[1], ctx->ret);
}

/* Newer architectures have only the calls above. */
#if defined(__TARGET_ARCH_x86)
SEC("tracepoint/syscalls/sys_enter_unlink")
int on_enter_unlink(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_exit_unlink")
int on_exit_unlink(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(ctx, ROOM_UNLINK, DELETE_UNLINK, AT_FDCWD, call.args[0], ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_rmdir")
int on_enter_rmdir(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_exit_rmdir")
int on_exit_rmdir(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(ctx, ROOM_RMDIR, DELETE_RMDIR, AT_FDCWD, call.args[0], ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_rename")
int on_enter_rename(struct syscall_trace_enter___compat *ctx)
{
	if (!include_renames || !is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_rename")
int on_exit_rename(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(ctx, ROOM_RENAME, DELETE_RENAME, AT_FDCWD, call.args[0], ctx->ret);
}
#endif
