// SPDX-License-Identifier: GPL-2.0
/*
 * exec_snoop: every program that is started, and every attempt that failed.
 *
 * A success is taken from sched_process_exec, where it can no longer fail: once per exec, with the
 * caller's own thread id although a non-leader thread takes the leader's id on exec, and with the
 * arguments as one piece of the new stack, which the kernel has just written and which is
 * therefore present. Reading argv at sys_enter instead misses strings on pages that nobody has
 * touched yet, and can be changed by another thread before the kernel reads it.
 *
 * A failure is taken from sys_exit, which has the return value. The pointers are kept from
 * sys_enter, and the strings are read at the exit, after the kernel itself has read them.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"

#define FILENAME_SIZE 256
#define ARGS_SIZE 4096
#define FAILED_ARGS_MAX 128
#define CALLS_MAX 4096
#define RING_SIZE (1024 * 1024)

char LICENSE[] SEC("license") = "GPL";

/* What to report, beside the filters of gadget.bpf.h. -1 means any. */
const volatile __s32 target_ppid = -1;
const volatile bool include_failed = true;
const volatile __u32 max_args_size = ARGS_SIZE;

struct exec_event {
	TASK_FIELDS; /* `comm`: of a success the new one, of a failure the caller's. `tid`: who called */
	__u32 ppid;
	__s32 ret; /* 0, or -errno */
	__u32 args_count; /* arguments there were, also those cut */
	__u32 args_size; /* bytes of arguments there were; of a failure, bytes that were read */
	bool args_cut; /* `args` lacks some of them */
	bool filename_cut;
	char parent_comm[COMM_SIZE];
	char filename[FILENAME_SIZE];
	char args[ARGS_SIZE] __attribute__((btf_decl_tag("argv")));
};

/* Only the used part of `args` is sent, so the record ends where they end. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct exec_event, args)

struct exec_event *exec_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* What a thread that is inside execve asked for. Strings are read when the call has failed. */
struct exec_call {
	const char *filename;
	const char *const *argv;
};

/*
 * By thread id. An entry goes at the exit, or with the success of its thread. One can stay behind
 * when a non-leader thread fails past the point of no return, under an id it no longer has; the
 * next exec under that id overwrites it. If the map is full, the event still comes, without texts.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct exec_call);
} calls SEC(".maps");

/* The slack lets the verifier accept any offset together with any length. */
struct exec_scratch {
	struct exec_event event;
	char slack[ARGS_SIZE];
};

/*
 * One room for each program that sends: from Linux 7.0 on they can be preempted (a46023d5616e
 * "tracing: Guard __DECLARE_TRACE() use of __DO_TRACE_CALL() with SRCU-fast", and syscall
 * tracepoints likewise), by each other but not by themselves, and stay on their CPU.
 */
enum exec_room {
	ROOM_EXEC,
	ROOM_FAILED_EXECVE,
	ROOM_FAILED_EXECVEAT,
	ROOM_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROOM_COUNT);
	__type(key, __u32);
	__type(value, struct exec_scratch);
} scratch SEC(".maps");

/* Fills everything but tid, ret, filename and args. NULL if the process is not wanted. */
static __always_inline struct exec_scratch *begin_event(enum exec_room room)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	__u32 ppid = BPF_CORE_READ(parent, tgid);
	__u32 key = room;
	struct exec_event *event;
	struct exec_scratch *space;

	if (target_ppid != -1 && (__u32)target_ppid != ppid)
		return NULL;
	if (!is_wanted_current())
		return NULL;
	space = bpf_map_lookup_elem(&scratch, &key);
	if (!space)
		return NULL;
	event = &space->event;
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_current(event);
	event->ppid = ppid;
	BPF_CORE_READ_STR_INTO(&event->parent_comm, parent, comm);
	return space;
}

static __always_inline void send_event(void *ctx, struct exec_event *event, __u32 used)
{
	__u64 size = used;

	if (size > ARGS_SIZE)
		size = ARGS_SIZE;
	if (bpf_ringbuf_output(&events, event, EVENT_HEAD_SIZE + size, 0))
		count_dropped();
}

static __always_inline __u32 args_limit(void)
{
	return max_args_size < ARGS_SIZE ? max_args_size : ARGS_SIZE;
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct exec_scratch *space;
	struct exec_event *event;
	const char *filename;
	__u64 start, size, used;
	__u32 tid = old_pid;
	char last = 0;

	bpf_map_delete_elem(&calls, &tid);
	space = begin_event(ROOM_EXEC);
	if (!space)
		return 0;
	event = &space->event;
	event->tid = tid;

	filename = BPF_CORE_READ(bprm, filename);
	bpf_probe_read_kernel_str(event->filename, FILENAME_SIZE, filename);
	if (event->filename[FILENAME_SIZE - 2])
		bpf_probe_read_kernel(&last, 1, filename + FILENAME_SIZE - 1);
	event->filename_cut = last != 0;

	start = BPF_CORE_READ(task, mm, arg_start);
	size = BPF_CORE_READ(task, mm, arg_end) - start;
	event->args_count = BPF_CORE_READ(bprm, argc);
	event->args_size = size;
	used = size < args_limit() ? size : args_limit();
	if (used > ARGS_SIZE) /* never: for the verifier */
		used = ARGS_SIZE;
	if (bpf_probe_read_user(event->args, used, (void *)start))
		used = 0;
	event->args_cut = used < size;
	send_event(ctx, event, used);
	return 0;
}

static __always_inline int remember_call(const char *filename, const char *const *argv)
{
	struct exec_call call = { .filename = filename, .argv = argv };
	__u32 tid = bpf_get_current_pid_tgid();

	if (include_failed)
		bpf_map_update_elem(&calls, &tid, &call, BPF_ANY);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_enter_execve(struct syscall_trace_enter___compat *ctx)
{
	return remember_call((const char *)ctx->args[0], (const char *const *)ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_execveat")
int on_enter_execveat(struct syscall_trace_enter___compat *ctx)
{
	return remember_call((const char *)ctx->args[1], (const char *const *)ctx->args[2]);
}

/* True if the text at `text` does not end within the `size` bytes that were read of it. */
static __always_inline bool was_cut(const char *text, __u64 size)
{
	char last = 0;

	bpf_probe_read_user(&last, 1, text + size - 1);
	return last != 0;
}

/*
 * Reads the argument that the pointer at `slot` points to, behind the `used` bytes of those before
 * it. Returns the bytes that it takes, -1 behind the last one. Global, because the verifier then
 * checks it once and not in every round: 2,138 instructions instead of 281,523 for each of the two
 * programs, 15 ms instead of 514 to load.
 */
__noinline int read_arg(__u32 room, __u64 slot, __u64 used)
{
	__u32 key = room;
	struct exec_scratch *space = bpf_map_lookup_elem(&scratch, &key);
	__u64 left = args_limit() - used;
	const char *arg = NULL;
	long size;

	if (!space || bpf_probe_read_user(&arg, sizeof(arg), (void *)slot) || !arg)
		return -1;
	space->event.args_count++;
	if (used >= ARGS_SIZE || left == 0 || left > ARGS_SIZE) {
		space->event.args_cut = true;
		return 0;
	}
	size = bpf_probe_read_user_str(&space->event.args[used], left, arg);
	if (size < 0) /* its page is absent: an empty text keeps the place */
		space->event.args_cut = true;
	if (size <= 0) /* older kernels answer 0 for an empty text, newer ones 1 */
		return 1;
	if (size == left && was_cut(arg, size))
		space->event.args_cut = true;
	return size;
}

/* Returns the bytes of `args` that are used. */
static __always_inline __u32 read_args(enum exec_room room, struct exec_event *event,
					const char *const *argv)
{
	__u32 used = 0;
	__u32 i;

	for (i = 0; i < FAILED_ARGS_MAX; i++) {
		int size = read_arg(room, (__u64)&argv[i], used);

		if (size < 0)
			break;
		used += size;
	}
	if (i == FAILED_ARGS_MAX)
		event->args_cut = true;
	event->args_size = used;
	return used;
}

static __always_inline int report_failure(void *ctx, enum exec_room room, long ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct exec_scratch *space;
	struct exec_event *event;
	struct exec_call *call;
	__u32 used = 0;

	/* on_exec has reported a success, and has taken the entry away. */
	if (ret >= 0 || !include_failed)
		return 0;
	call = bpf_map_lookup_elem(&calls, &tid);
	if (is_restarted(ret))
		goto forget;
	space = begin_event(room);
	if (!space)
		goto forget;
	event = &space->event;
	event->tid = tid;
	event->ret = ret;
	event->args_cut = true;
	event->filename_cut = true;
	if (call) {
		const char *filename = call->filename;
		long size = bpf_probe_read_user_str(event->filename, FILENAME_SIZE, filename);

		if (size > 0 && (size < FILENAME_SIZE || !was_cut(filename, FILENAME_SIZE)))
			event->filename_cut = false;
		event->args_cut = false;
		used = read_args(room, event, call->argv);
	}
	send_event(ctx, event, used);
forget:
	if (call)
		bpf_map_delete_elem(&calls, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_execve")
int on_exit_execve(struct syscall_trace_exit___compat *ctx)
{
	return report_failure(ctx, ROOM_FAILED_EXECVE, ctx->ret);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int on_exit_execveat(struct syscall_trace_exit___compat *ctx)
{
	return report_failure(ctx, ROOM_FAILED_EXECVEAT, ctx->ret);
}
