// SPDX-License-Identifier: GPL-2.0
/*
 * mount_snoop: every call that mounts, changes or unmounts something, and what became of it.
 *
 * Of fsmount, which has a descriptor where mount has texts, type and source are read from the mount
 * that it made. Mount options (`data`) are not read: they can hold passwords.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"
#include "syscall_args.bpf.h"

#define TYPE_SIZE 32
#define SOURCE_SIZE 256
#define PATH_SIZE 4096
#define RING_SIZE (256 * 1024)

/* Constants that BTF does not carry: include/uapi/linux/mount.h. */
#define MS_REMOUNT 32
#define MS_BIND 4096
#define MS_MOVE 8192
#define MS_UNBINDABLE (1 << 17)
#define MS_PRIVATE (1 << 18)
#define MS_SLAVE (1 << 19)
#define MS_SHARED (1 << 20)
#define MS_PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

char LICENSE[] SEC("license") = "GPL";

const volatile bool only_failed = false;

enum mount_operation {
	MOUNT_NEW,
	MOUNT_BIND,
	MOUNT_REMOUNT,
	MOUNT_PROPAGATION, /* shared, private, slave or unbindable */
	MOUNT_MOVE,
	MOUNT_FSMOUNT, /* made, and not yet at any path */
	MOUNT_MOVE_MOUNT, /* put to a path, or moved */
	MOUNT_UMOUNT,
};

struct mount_event {
	TASK_FIELDS;
	enum mount_operation operation;
	__s32 ret; /* 0, or -errno */
	__u32 flags; /* as the call has them */
	__u32 mount_ns; /* inode of the caller's mount namespace */
	bool source_cut;
	bool target_cut;
	char fstype[TYPE_SIZE];
	char source[SOURCE_SIZE];
	char target[PATH_SIZE];
};

/* Only the used part of `target` is sent, so the record ends where it ends. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct mount_event, target)

struct mount_event *mount_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* One room for each program that sends; exec_snoop says why. */
enum mount_room {
	ROOM_MOUNT,
	ROOM_UMOUNT,
	ROOM_FSMOUNT,
	ROOM_MOVE_MOUNT,
	ROOM_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROOM_COUNT);
	__type(key, __u32);
	__type(value, struct mount_event);
} scratch SEC(".maps");

static __always_inline struct mount_event *
begin_event(enum mount_room room, enum mount_operation operation, __u32 flags, long ret)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 key = room;
	struct mount_event *event;

	if (only_failed && ret >= 0)
		return NULL;
	event = bpf_map_lookup_elem(&scratch, &key);
	if (!event)
		return NULL;
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_current(event);
	event->operation = operation;
	event->ret = ret < 0 ? ret : 0;
	event->flags = flags;
	event->mount_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	return event;
}

static __always_inline void read_source(struct mount_event *event, __u64 source)
{
	bool cut;

	read_user_text(event->source, SOURCE_SIZE, source, &cut);
	event->source_cut = cut;
}

static __always_inline void read_target_and_send(void *ctx, struct mount_event *event, __u64 target)
{
	bool cut;
	__u64 used = read_user_text(event->target, PATH_SIZE, target, &cut);

	event->target_cut = cut;
	if (used > PATH_SIZE) /* never: for the verifier */
		used = PATH_SIZE;
	if (bpf_ringbuf_output(&events, event, EVENT_HEAD_SIZE + used, 0))
		count_dropped();
}

/* In the kernel's order (fs/namespace.c, path_mount). */
static __always_inline enum mount_operation operation_of(__u32 flags)
{
	if (flags & MS_REMOUNT)
		return MOUNT_REMOUNT;
	if (flags & MS_BIND)
		return MOUNT_BIND;
	if (flags & MS_PROPAGATION)
		return MOUNT_PROPAGATION;
	if (flags & MS_MOVE)
		return MOUNT_MOVE;
	return MOUNT_NEW;
}

SEC("tracepoint/syscalls/sys_enter_mount")
int on_enter_mount(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1], ctx->args[2], ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_mount")
int on_exit_mount(struct syscall_trace_exit___compat *ctx)
{
	struct mount_event *event;
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_MOUNT, operation_of(call.args[3]), call.args[3], ctx->ret);
	if (!event)
		return 0;
	read_source(event, call.args[0]);
	bpf_probe_read_user_str(event->fstype, TYPE_SIZE, (const void *)call.args[2]);
	read_target_and_send(ctx, event, call.args[1]);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_umount")
int on_enter_umount(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_umount")
int on_exit_umount(struct syscall_trace_exit___compat *ctx)
{
	struct mount_event *event;
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_UMOUNT, MOUNT_UMOUNT, call.args[1], ctx->ret);
	if (event)
		read_target_and_send(ctx, event, call.args[0]);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_fsmount")
int on_enter_fsmount(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[2]);
}

/* Type and source of the mount that a new descriptor stands for. */
static __always_inline void read_new_mount(struct mount_event *event, __u32 fd)
{
	struct file *file = file_of(fd);
	struct vfsmount *inner;
	struct mount *mount;

	if (!file)
		return; /* closed by another thread */
	inner = BPF_CORE_READ(file, f_path.mnt);
	mount = (void *)inner - bpf_core_field_offset(struct mount, mnt);
	bpf_probe_read_kernel_str(event->fstype, TYPE_SIZE,
				  BPF_CORE_READ(inner, mnt_sb, s_type, name));
	bpf_probe_read_kernel_str(event->source, SOURCE_SIZE, BPF_CORE_READ(mount, mnt_devname));
}

SEC("tracepoint/syscalls/sys_exit_fsmount")
int on_exit_fsmount(struct syscall_trace_exit___compat *ctx)
{
	struct mount_event *event;
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_FSMOUNT, MOUNT_FSMOUNT, call.args[0], ctx->ret);
	if (!event)
		return 0;
	if (ctx->ret >= 0)
		read_new_mount(event, ctx->ret);
	read_target_and_send(ctx, event, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_move_mount")
int on_enter_move_mount(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[1], ctx->args[3], ctx->args[4]);
}

SEC("tracepoint/syscalls/sys_exit_move_mount")
int on_exit_move_mount(struct syscall_trace_exit___compat *ctx)
{
	struct mount_event *event;
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	event = begin_event(ROOM_MOVE_MOUNT, MOUNT_MOVE_MOUNT, call.args[2], ctx->ret);
	if (!event)
		return 0;
	read_source(event, call.args[0]);
	read_target_and_send(ctx, event, call.args[1]);
	return 0;
}
