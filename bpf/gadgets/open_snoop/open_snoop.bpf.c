// SPDX-License-Identifier: GPL-2.0
/*
 * open_snoop: every file that is opened by its path, and every attempt that failed.
 *
 * The pointer to the path is kept from the start of the call, and the path is read at its end,
 * after the kernel itself has read it: its page is then in memory.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define PATH_SIZE 4096
#define PREFIX_SIZE 128
#define CALLS_MAX 8192
#define RING_SIZE (1024 * 1024)

#define AT_FDCWD -100
#define CREAT_FLAGS 01101 /* O_CREAT | O_WRONLY | O_TRUNC */

char LICENSE[] SEC("license") = "GPL";

const volatile bool only_failed = false;
const volatile char path_prefix[PREFIX_SIZE] = {};

struct open_event {
	TASK_FIELDS;
	__s32 ret; /* 0, or -errno */
	__u64 latency_ns;
	__s32 fd; /* -1 when it failed */
	__s32 folder_fd; /* that a relative path starts from */
	__u32 flags;
	__u32 mode;
	bool path_cut;
	char path[PATH_SIZE];
};

/* Only the used part of `path` is sent. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct open_event, path)

struct open_event *open_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* What a thread that is inside a call asked for. */
struct open_call {
	__u64 start_ns;
	const char *path;
	const struct open_how *how; /* of openat2: flags and mode are there */
	__s32 folder_fd;
	__u32 flags;
	__u32 mode;
	__u32 padding;
};

/* By thread id; an entry goes at the exit. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct open_call);
} calls SEC(".maps");

/* The slack lets the verifier accept any length of a path. */
struct open_scratch {
	struct open_event event;
	char slack[8];
};

/* One room for each program that sends: from Linux 7.0 on they can be preempted by each other. */
enum open_room {
	ROOM_OPEN,
	ROOM_CREAT,
	ROOM_OPENAT,
	ROOM_OPENAT2,
	ROOM_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROOM_COUNT);
	__type(key, __u32);
	__type(value, struct open_scratch);
} scratch SEC(".maps");

static __always_inline int enter(struct open_call *call)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (!is_wanted_current())
		return 0;
	call->start_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&calls, &tid, call, BPF_ANY))
		count_dropped();
	return 0;
}

static __always_inline bool has_prefix(const char *path)
{
	if (!path_prefix[0])
		return true;
	for (int i = 0; i < PREFIX_SIZE; i++) {
		if (!path_prefix[i])
			return true;
		if (path_prefix[i] != path[i])
			return false;
	}
	return true;
}

/* Reads the path, and answers the bytes that it takes in the record. */
static __always_inline __u32 read_path(struct open_event *event, const char *path)
{
	long size = bpf_probe_read_user_str(event->path, PATH_SIZE, path);
	char last = 0;

	if (size <= 0) {
		event->path[0] = 0;
		event->path_cut = true; /* there is no such memory: EFAULT */
		return 1;
	}
	if (size == PATH_SIZE) {
		bpf_probe_read_user(&last, 1, path + PATH_SIZE - 1);
		event->path_cut = last != 0;
	}
	return size;
}

static __always_inline void fill(struct open_event *event, const struct open_call *call, long ret)
{
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_current(event);
	event->latency_ns = event->timestamp_ns - call->start_ns;
	event->ret = ret < 0 ? ret : 0;
	event->fd = ret < 0 ? -1 : ret;
	event->folder_fd = call->folder_fd;
	event->flags = call->flags;
	event->mode = call->mode;
	if (call->how) {
		struct open_how how = {};

		bpf_probe_read_user(&how, sizeof(how), call->how);
		event->flags = how.flags;
		event->mode = how.mode;
	}
}

static __always_inline int leave(void *ctx, enum open_room room, long ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct open_call *call = bpf_map_lookup_elem(&calls, &tid);
	struct open_scratch *space;
	__u32 key = room;
	__u64 size;

	if (!call)
		return 0;
	if (is_restarted(ret) || (only_failed && ret >= 0))
		goto forget;
	space = bpf_map_lookup_elem(&scratch, &key);
	if (!space)
		goto forget;
	fill(&space->event, call, ret);
	size = read_path(&space->event, call->path);
	if (!has_prefix(space->event.path))
		goto forget;
	if (size > PATH_SIZE) /* never: for the verifier */
		size = PATH_SIZE;
	if (bpf_ringbuf_output(&events, &space->event, EVENT_HEAD_SIZE + size, 0))
		count_dropped();
forget:
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

#ifdef __TARGET_ARCH_x86 /* newer architectures have openat alone */
SEC("tracepoint/syscalls/sys_enter_open")
int on_enter_open(struct syscall_trace_enter___compat *ctx)
{
	struct open_call call = {
		.path = (const char *)ctx->args[0],
		.folder_fd = AT_FDCWD,
		.flags = ctx->args[1],
		.mode = ctx->args[2],
	};

	return enter(&call);
}

SEC("tracepoint/syscalls/sys_exit_open")
int on_exit_open(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx, ROOM_OPEN, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_creat")
int on_enter_creat(struct syscall_trace_enter___compat *ctx)
{
	struct open_call call = {
		.path = (const char *)ctx->args[0],
		.folder_fd = AT_FDCWD,
		.flags = CREAT_FLAGS,
		.mode = ctx->args[1],
	};

	return enter(&call);
}

SEC("tracepoint/syscalls/sys_exit_creat")
int on_exit_creat(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx, ROOM_CREAT, ctx->ret);
}
#endif

SEC("tracepoint/syscalls/sys_enter_openat")
int on_enter_openat(struct syscall_trace_enter___compat *ctx)
{
	struct open_call call = {
		.folder_fd = ctx->args[0],
		.path = (const char *)ctx->args[1],
		.flags = ctx->args[2],
		.mode = ctx->args[3],
	};

	return enter(&call);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int on_exit_openat(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx, ROOM_OPENAT, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_openat2")
int on_enter_openat2(struct syscall_trace_enter___compat *ctx)
{
	struct open_call call = {
		.folder_fd = ctx->args[0],
		.path = (const char *)ctx->args[1],
		.how = (const struct open_how *)ctx->args[2],
	};

	return enter(&call);
}

SEC("tracepoint/syscalls/sys_exit_openat2")
int on_exit_openat2(struct syscall_trace_exit___compat *ctx)
{
	return leave(ctx, ROOM_OPENAT2, ctx->ret);
}
