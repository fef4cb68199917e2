// SPDX-License-Identifier: GPL-2.0
/*
 * ptrace_snoop: every call by which one process looks into another or takes something of it, with
 * who, whom and the result.
 *
 * The calls name a process by a number of the caller's pid namespace. It is looked up when the call
 * starts, as the process may be gone when it returns: through the namespace's tree, as the kernel
 * does it, since a helper for this comes with Linux 6.2 only.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"

#define CALLS_MAX 4096
#define RING_SIZE (512 * 1024)

/* The tree of a pid namespace: 64 ways a level, for numbers of up to 22 bits. */
#define TREE_LEVELS 4
#define TREE_BITS 6
#define TREE_MASK ((1 << TREE_BITS) - 1)
#define TREE_NODE_TAG 2 /* in the lowest bits of what points to a node */
#define TREE_TAG_MASK 3

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 target_traced = -1;
const volatile bool only_failed = false;
const volatile bool only_beginnings = false;

/* Of include/uapi/linux/ptrace.h and its x86 kin, and the other calls. */
enum trace_request {
	PTRACE_TRACEME = 0,
	PTRACE_PEEKTEXT = 1,
	PTRACE_PEEKDATA = 2,
	PTRACE_PEEKUSR = 3,
	PTRACE_POKETEXT = 4,
	PTRACE_POKEDATA = 5,
	PTRACE_POKEUSR = 6,
	PTRACE_CONT = 7,
	PTRACE_KILL = 8,
	PTRACE_SINGLESTEP = 9,
	PTRACE_GETREGS = 12,
	PTRACE_SETREGS = 13,
	PTRACE_GETFPREGS = 14,
	PTRACE_SETFPREGS = 15,
	PTRACE_ATTACH = 16,
	PTRACE_DETACH = 17,
	PTRACE_SYSCALL = 24,
	PTRACE_SYSEMU = 31,
	PTRACE_SETOPTIONS = 0x4200,
	PTRACE_GETEVENTMSG = 0x4201,
	PTRACE_GETSIGINFO = 0x4202,
	PTRACE_SETSIGINFO = 0x4203,
	PTRACE_GETREGSET = 0x4204,
	PTRACE_SETREGSET = 0x4205,
	PTRACE_SEIZE = 0x4206,
	PTRACE_INTERRUPT = 0x4207,
	PTRACE_LISTEN = 0x4208,
	PTRACE_PEEKSIGINFO = 0x4209,
	PTRACE_GETSIGMASK = 0x420a,
	PTRACE_SETSIGMASK = 0x420b,
	PTRACE_SECCOMP_GET_FILTER = 0x420c,
	PTRACE_GET_SYSCALL_INFO = 0x420e,
	PROCESS_VM_READV = 0x10000,
	PROCESS_VM_WRITEV,
	PIDFD_GETFD,
};

struct look_event {
	TASK_FIELDS;
	enum trace_request request;
	__s32 ret; /* 0, or -errno */
	__u64 bytes; /* that process_vm_readv and process_vm_writev carried */
	__u32 traced_pid; /* 0: there is no such process */
	__u32 traced_tid;
	__u32 traced_uid;
	__s32 asked_id; /* as it was given: a thread, or of pidfd_getfd a descriptor */
	char traced_comm[COMM_SIZE];
};

struct look_event *look_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

static __always_inline struct task_struct *task_of_pid(const struct pid *pid)
{
	struct hlist_node *first = pid ? BPF_CORE_READ(pid, tasks[PIDTYPE_PID].first) : NULL;

	if (!first)
		return NULL;
	return (void *)first - bpf_core_field_offset(struct task_struct, pid_links);
}

/* The thread of this number in the current task's pid namespace, NULL if there is none. */
static __always_inline struct task_struct *find_task(__u32 number)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct pid *self = BPF_CORE_READ(task, thread_pid);
	__u32 level = BPF_CORE_READ(self, level);
	struct upid *numbers = (void *)self + bpf_core_field_offset(struct pid, numbers);
	struct pid_namespace *ns = NULL;
	__u64 entry, way;

	bpf_probe_read_kernel(&ns, sizeof(ns),
			      (void *)numbers + level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, ns));
	entry = (__u64)BPF_CORE_READ(ns, idr.idr_rt.xa_head);
#pragma unroll
	for (int i = 0; i < TREE_LEVELS; i++) {
		struct xa_node *node = (void *)(entry - TREE_NODE_TAG);

		if ((entry & TREE_TAG_MASK) != TREE_NODE_TAG)
			break;
		way = number >> BPF_CORE_READ(node, shift);
		if (i == 0 && way > TREE_MASK)
			return NULL;
		entry = 0;
		bpf_probe_read_kernel(&entry, sizeof(entry),
				      (void *)node + bpf_core_field_offset(struct xa_node, slots) +
					      (way & TREE_MASK) * sizeof(entry));
	}
	if (!entry || entry & TREE_TAG_MASK)
		return NULL;
	return task_of_pid((const struct pid *)entry);
}

/* Calls that are begun, by thread id: their events, all but the result. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct look_event);
} traces SEC(".maps");

static __always_inline void fill_traced(struct look_event *event, struct task_struct *traced)
{
	if (!traced)
		return;
	event->traced_pid = BPF_CORE_READ(traced, tgid);
	event->traced_tid = BPF_CORE_READ(traced, pid);
	event->traced_uid = BPF_CORE_READ(traced, cred, uid.val);
	BPF_CORE_READ_STR_INTO(&event->traced_comm, traced, comm);
}

static __always_inline bool is_beginning(enum trace_request request)
{
	return request == PTRACE_TRACEME || request == PTRACE_ATTACH || request == PTRACE_SEIZE ||
	       request >= PROCESS_VM_READV;
}

static __always_inline int begin_trace(enum trace_request request, __s32 asked)
{
	struct look_event event;
	__u32 tid = bpf_get_current_pid_tgid();

	if (only_beginnings && !is_beginning(request))
		return 0;
	if (!is_wanted_current())
		return 0;
	__builtin_memset(&event, 0, sizeof(event));
	fill_current(&event);
	event.request = request;
	event.asked_id = asked;
	if (request == PTRACE_TRACEME)
		fill_traced(&event, (struct task_struct *)bpf_get_current_task());
	else if (request != PIDFD_GETFD)
		fill_traced(&event, find_task(asked));
	if (bpf_map_update_elem(&traces, &tid, &event, BPF_ANY))
		count_dropped();
	return 0;
}

/*
 * The process behind a descriptor that is known to stand for one. It is in the inode since
 * cb12fd8e0dab ("pidfd: add pidfs", Linux 6.9), in the file before.
 */
static __always_inline struct task_struct *task_of_pidfd(__u32 fd)
{
	struct file *file = file_of(fd);
	struct pid *pid;

	if (!file)
		return NULL;
	pid = BPF_CORE_READ(file, private_data);
	if (!pid)
		pid = BPF_CORE_READ(file, f_inode, i_private);
	return task_of_pid(pid);
}

static __always_inline int end_trace(long ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct look_event *event = bpf_map_lookup_elem(&traces, &tid);

	if (!event)
		return 0;
	event->ret = ret < 0 ? ret : 0;
	if (ret > 0 &&
	    (event->request == PROCESS_VM_READV || event->request == PROCESS_VM_WRITEV))
		event->bytes = ret;
	if (ret >= 0 && event->request == PIDFD_GETFD)
		fill_traced(event, task_of_pidfd(event->asked_id));
	if (only_failed && ret >= 0)
		goto forget;
	if (target_traced != -1 && (__u32)target_traced != event->traced_pid)
		goto forget;
	if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
		count_dropped();
forget:
	bpf_map_delete_elem(&traces, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_ptrace")
int on_enter_ptrace(struct syscall_trace_enter___compat *ctx)
{
	return begin_trace(ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_ptrace")
int on_exit_ptrace(struct syscall_trace_exit___compat *ctx)
{
	return end_trace(ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_process_vm_readv")
int on_enter_process_vm_readv(struct syscall_trace_enter___compat *ctx)
{
	return begin_trace(PROCESS_VM_READV, ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_exit_process_vm_readv")
int on_exit_process_vm_readv(struct syscall_trace_exit___compat *ctx)
{
	return end_trace(ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_process_vm_writev")
int on_enter_process_vm_writev(struct syscall_trace_enter___compat *ctx)
{
	return begin_trace(PROCESS_VM_WRITEV, ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_exit_process_vm_writev")
int on_exit_process_vm_writev(struct syscall_trace_exit___compat *ctx)
{
	return end_trace(ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_pidfd_getfd")
int on_enter_pidfd_getfd(struct syscall_trace_enter___compat *ctx)
{
	return begin_trace(PIDFD_GETFD, ctx->args[0]);
}

SEC("tracepoint/syscalls/sys_exit_pidfd_getfd")
int on_exit_pidfd_getfd(struct syscall_trace_exit___compat *ctx)
{
	return end_trace(ctx->ret);
}
