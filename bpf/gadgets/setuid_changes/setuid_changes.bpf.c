// SPDX-License-Identifier: GPL-2.0
/*
 * setuid_changes: every thread that becomes another user or group, or tries to: by a system call,
 * or by starting a program whose file says so.
 *
 * Ids are those of the initial user namespace, read from the task's credentials before the call and
 * after it. Threads have credentials of their own; libc changes them in each, one call per thread.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "syscall_args.bpf.h"

#define RING_SIZE (256 * 1024)

char LICENSE[] SEC("license") = "GPL";

const volatile bool include_failed = true;
const volatile bool include_unchanged = false;

enum identity_operation {
	SETUID,
	SETREUID,
	SETRESUID,
	SETFSUID,
	SETGID,
	SETREGID,
	SETRESGID,
	SETFSGID,
	EXEC_UID, /* by the file's set-user-id bit */
	EXEC_GID, /* by the file's set-group-id bit */
};

/* The four ids of either kind. */
struct identity {
	__u32 real;
	__u32 effective;
	__u32 saved;
	__u32 fs;
};

struct identity_event {
	TASK_FIELDS; /* `uid`: the one it has now */
	enum identity_operation operation;
	__s32 ret; /* 0, or -errno */
	/* User ids or group ids, as the operation is. */
	__u32 old_real;
	__u32 old_effective;
	__u32 old_saved;
	__u32 old_fs;
	__u32 new_real;
	__u32 new_effective;
	__u32 new_saved;
	__u32 new_fs;
	/* As they were given, by the caller's user namespace; -1 leaves what is. */
	__s32 asked[3];
};

struct identity_event *identity_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

static __always_inline bool is_group(enum identity_operation operation)
{
	return operation == EXEC_GID || (operation >= SETGID && operation <= SETFSGID);
}

static __always_inline struct identity identity_of_current(enum identity_operation operation)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct identity now;

	if (is_group(operation)) {
		now.real = BPF_CORE_READ(cred, gid.val);
		now.effective = BPF_CORE_READ(cred, egid.val);
		now.saved = BPF_CORE_READ(cred, sgid.val);
		now.fs = BPF_CORE_READ(cred, fsgid.val);
	} else {
		now.real = BPF_CORE_READ(cred, uid.val);
		now.effective = BPF_CORE_READ(cred, euid.val);
		now.saved = BPF_CORE_READ(cred, suid.val);
		now.fs = BPF_CORE_READ(cred, fsuid.val);
	}
	return now;
}

/* What was before rides along with the arguments, two ids in one. */
static __always_inline __u64 pack(__u32 low, __u32 high)
{
	return low | (__u64)high << 32;
}

static __always_inline struct identity unpack(__u64 one, __u64 other)
{
	return (struct identity){ one, one >> 32, other, other >> 32 };
}

static __always_inline void report(enum identity_operation operation, int ret,
				   const struct identity *old, const __s32 *asked)
{
	struct identity now = identity_of_current(operation);
	struct identity_event event;
	bool unchanged = old->real == now.real && old->effective == now.effective &&
			 old->saved == now.saved && old->fs == now.fs;

	if (ret ? !include_failed : unchanged && !include_unchanged)
		return;
	__builtin_memset(&event, 0, sizeof(event));
	fill_current(&event);
	event.operation = operation;
	event.ret = ret;
	event.old_real = old->real;
	event.old_effective = old->effective;
	event.old_saved = old->saved;
	event.old_fs = old->fs;
	event.new_real = now.real;
	event.new_effective = now.effective;
	event.new_saved = now.saved;
	event.new_fs = now.fs;
	__builtin_memcpy(event.asked, asked, sizeof(event.asked));
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_dropped();
}

static __always_inline int begin_call(enum identity_operation operation, __u64 first, __u64 second,
				      __u64 third)
{
	struct identity now = identity_of_current(operation);

	return keep_syscall_args(first, second, third, pack(now.real, now.effective),
				 pack(now.saved, now.fs));
}

static __always_inline int end_call(enum identity_operation operation, long ret)
{
	struct syscall_args call;
	struct identity old;

	if (!take_syscall_args(ret, &call))
		return 0;
	old = unpack(call.args[3], call.args[4]);
	/* setfsuid and setfsgid have no errors: they return what was before. */
	if (operation == SETFSUID || operation == SETFSGID)
		ret = 0;
	report(operation, ret, &old,
	       (__s32[]){ (__s32)call.args[0], (__s32)call.args[1], (__s32)call.args[2] });
	return 0;
}

#define IDENTITY_CALL(name, operation, first, second, third)                                       \
	SEC("tracepoint/syscalls/sys_enter_" #name)                                                \
	int on_enter_##name(struct syscall_trace_enter___compat *ctx)                              \
	{                                                                                          \
		if (!is_wanted_current())                                                          \
			return 0;                                                                  \
		return begin_call(operation, first, second, third);                                \
	}                                                                                          \
                                                                                                   \
	SEC("tracepoint/syscalls/sys_exit_" #name)                                                 \
	int on_exit_##name(struct syscall_trace_exit___compat *ctx)                                \
	{                                                                                          \
		return end_call(operation, ctx->ret);                                              \
	}

#define NONE ((__u64)-1)

IDENTITY_CALL(setuid, SETUID, ctx->args[0], NONE, NONE)
IDENTITY_CALL(setreuid, SETREUID, ctx->args[0], ctx->args[1], NONE)
IDENTITY_CALL(setresuid, SETRESUID, ctx->args[0], ctx->args[1], ctx->args[2])
IDENTITY_CALL(setfsuid, SETFSUID, ctx->args[0], NONE, NONE)
IDENTITY_CALL(setgid, SETGID, ctx->args[0], NONE, NONE)
IDENTITY_CALL(setregid, SETREGID, ctx->args[0], ctx->args[1], NONE)
IDENTITY_CALL(setresgid, SETRESGID, ctx->args[0], ctx->args[1], ctx->args[2])
IDENTITY_CALL(setfsgid, SETFSGID, ctx->args[0], NONE, NONE)

static __always_inline int begin_exec(void)
{
	struct identity user = identity_of_current(EXEC_UID);
	struct identity group = identity_of_current(EXEC_GID);

	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(pack(user.real, user.effective), pack(user.saved, user.fs),
				 pack(group.real, group.effective), pack(group.saved, group.fs));
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_enter_execve(struct syscall_trace_enter___compat *ctx)
{
	return begin_exec();
}

SEC("tracepoint/syscalls/sys_enter_execveat")
int on_enter_execveat(struct syscall_trace_enter___compat *ctx)
{
	return begin_exec();
}

/* The credentials are the new ones by now. The thread was `old_pid` when it made the call. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid)
{
	const __s32 asked[] = { -1, -1, -1 };
	struct syscall_args call;
	struct identity user, group;

	if (!take_args_of(old_pid, &call))
		return 0;
	user = unpack(call.args[0], call.args[1]);
	group = unpack(call.args[2], call.args[3]);
	if (user.effective != BPF_CORE_READ(task, cred, euid.val))
		report(EXEC_UID, 0, &user, asked);
	if (group.effective != BPF_CORE_READ(task, cred, egid.val))
		report(EXEC_GID, 0, &group, asked);
	return 0;
}

/* Of an exec that failed. */
static __always_inline int forget_exec(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&syscalls_inside, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_execve")
int on_exit_execve(struct syscall_trace_exit___compat *ctx)
{
	return forget_exec();
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int on_exit_execveat(struct syscall_trace_exit___compat *ctx)
{
	return forget_exec();
}
