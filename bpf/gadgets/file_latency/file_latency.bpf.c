// SPDX-License-Identifier: GPL-2.0
/*
 * file_latency: reads, writes, opens and syncs of files that take long, by path.
 *
 * Timed as the caller sees it, from the start of the system call to its end. The path is looked for
 * only of those that took long, through the descriptor, when the call has ended.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"
#include "latency.bpf.h"

#define THREADS_MAX 10240
#define RING_SIZE (256 * 1024)
#define OPERATION_SIZE 8
#define PATH_SIZE 1024 /* a power of two, for the verifier */
#define NAME_SIZE 256 /* likewise; a name has 255 bytes at most */
#define STEPS_MAX 48 /* names, and mounts that are crossed */
#define S_IFMT 0170000
#define S_IFREG 0100000

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 min_us = 10000;
const volatile bool include_opens = true;

struct file_event {
	TASK_FIELDS;
	__u64 latency_ns;
	__s64 ret;
	char operation[OPERATION_SIZE];
	bool path_cut;
	char path[PATH_SIZE];
};

/* Only the used part of `path` is sent. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct file_event, path)

struct file_event *file_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

struct file_call {
	__u64 since_ns; /* 0 while it is in none */
	__u64 descriptor;
	__u64 path; /* of an open, in user space */
};

/* From a thread's first call on: to look it up costs less than to make it anew. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, THREADS_MAX);
	__type(key, __u32);
	__type(value, struct file_call);
} calls SEC(".maps");

/* A path is written from its end; the slack lets the verifier accept any place with any name. */
struct file_scratch {
	struct file_event event;
	struct dentry *dentry; /* what is to be named next */
	struct mount *mount; /* where that is */
	__u32 at; /* where in `reversed` the path begins that has been found so far */
	char reversed[PATH_SIZE + NAME_SIZE];
};

/* One program uses it, which does not interrupt itself on its CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct file_scratch);
} scratch SEC(".maps");

enum operation {
	CALL_NONE,
	CALL_READ,
	CALL_WRITE,
	CALL_OPEN,
	CALL_OPEN_AT,
	CALL_SYNC,
};

/* arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h */
static __always_inline enum operation operation_of(long number)
{
	switch (number) {
#ifdef __TARGET_ARCH_x86
	case 0: /* read */
	case 17: /* pread64 */
	case 19: /* readv */
	case 295: /* preadv */
	case 327: /* preadv2 */
		return CALL_READ;
	case 1: /* write */
	case 18: /* pwrite64 */
	case 20: /* writev */
	case 296: /* pwritev */
	case 328: /* pwritev2 */
		return CALL_WRITE;
	case 2: /* open */
	case 85: /* creat */
		return include_opens ? CALL_OPEN : CALL_NONE;
	case 257: /* openat */
	case 437: /* openat2 */
		return include_opens ? CALL_OPEN_AT : CALL_NONE;
	case 74: /* fsync */
	case 75: /* fdatasync */
		return CALL_SYNC;
#else
	case 63: /* read */
	case 67: /* pread64 */
	case 65: /* readv */
	case 69: /* preadv */
	case 286: /* preadv2 */
		return CALL_READ;
	case 64: /* write */
	case 68: /* pwrite64 */
	case 66: /* writev */
	case 70: /* pwritev */
	case 287: /* pwritev2 */
		return CALL_WRITE;
	case 56: /* openat */
	case 437: /* openat2 */
		return include_opens ? CALL_OPEN_AT : CALL_NONE;
	case 82: /* fsync */
	case 83: /* fdatasync */
		return CALL_SYNC;
#endif
	}
	return CALL_NONE;
}

/* A 32-bit process numbers its calls in another way. */
static __always_inline bool is_compat(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

#ifdef __TARGET_ARCH_x86
	return BPF_CORE_READ(task, thread_info.status) & 2; /* TS_COMPAT */
#else
	return BPF_CORE_READ(task, thread_info.flags) & (1 << 22); /* TIF_32BIT */
#endif
}

static __always_inline long number_of(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return BPF_CORE_READ(regs, orig_ax);
#else
	return BPF_CORE_READ(regs, syscallno);
#endif
}

SEC("raw_tp/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long number)
{
	enum operation operation = operation_of(number);
	__u32 tid = bpf_get_current_pid_tgid();
	struct file_call call = {};
	struct file_call *kept;

	if (operation == CALL_NONE || !is_wanted_current() || is_compat())
		return 0;
	call.descriptor = PT_REGS_PARM1_CORE_SYSCALL(regs);
	if (operation == CALL_OPEN)
		call.path = call.descriptor;
	else if (operation == CALL_OPEN_AT)
		call.path = PT_REGS_PARM2_CORE_SYSCALL(regs);
	call.since_ns = bpf_ktime_get_ns();
	kept = bpf_map_lookup_elem(&calls, &tid);
	if (kept)
		*kept = call;
	else if (bpf_map_update_elem(&calls, &tid, &call, BPF_ANY))
		count_dropped();
	return 0;
}

/*
 * Puts the name of `dentry` before what there is of the path, or steps out of its mount. False at
 * the root. Global, because the verifier then checks it once and not at each step.
 */
__noinline int walk_step(void)
{
	__u32 key = 0;
	struct file_scratch *space = bpf_map_lookup_elem(&scratch, &key);
	struct dentry *dentry, *parent;
	struct mount *mount;
	__u32 size, at;

	if (!space)
		return false;
	dentry = space->dentry;
	mount = space->mount;
	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
		struct mount *below = BPF_CORE_READ(mount, mnt_parent);

		if (below == mount)
			return false;
		space->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
		space->mount = below;
		return true;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (dentry == parent)
		return false;
	size = BPF_CORE_READ(dentry, d_name.len) & (NAME_SIZE - 1);
	if (size + 1 > space->at) {
		space->event.path_cut = true;
		return false;
	}
	at = (space->at - size) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(&space->reversed[at], size, BPF_CORE_READ(dentry, d_name.name));
	at = (space->at - size - 1) & (PATH_SIZE - 1);
	space->reversed[at] = '/';
	space->at = at;
	space->dentry = parent;
	return true;
}

/* Walks up to the root. Global, too, so that what follows is checked once, not for each length. */
__noinline int walk(void)
{
	__u32 key = 0;
	struct file_scratch *space = bpf_map_lookup_elem(&scratch, &key);
	int i;

	for (i = 0; i < STEPS_MAX; i++)
		if (!walk_step())
			return 0;
	if (space)
		space->event.path_cut = true;
	return 0;
}

/* Where the path begins in `reversed`, which it fills to PATH_SIZE. */
static __always_inline __u32 write_path(struct file_scratch *space, struct file *file)
{
	struct mount *mount = (void *)BPF_CORE_READ(file, f_path.mnt);

	space->dentry = BPF_CORE_READ(file, f_path.dentry);
	space->mount = (void *)mount - bpf_core_field_offset(struct mount, mnt);
	space->at = PATH_SIZE;
	walk();
	return space->at;
}

static __always_inline void send(struct file_scratch *space, __u32 path_size)
{
	if (path_size > PATH_SIZE)
		return; /* never: for the verifier */
	if (bpf_ringbuf_output(&events, &space->event, EVENT_HEAD_SIZE + path_size, 0))
		count_dropped();
}

static __always_inline void send_file(struct file_scratch *space, struct file *file)
{
	__u32 at = write_path(space, file);
	__u32 size = PATH_SIZE - at;

	if (size == 0) { /* the root, or a file without a name */
		space->event.path[0] = '/';
		send(space, 1);
		return;
	}
	if (at >= PATH_SIZE || size > PATH_SIZE)
		return; /* never: for the verifier */
	size &= PATH_SIZE - 1;
	bpf_probe_read_kernel(space->event.path, size, &space->reversed[at & (PATH_SIZE - 1)]);
	send(space, size);
}

/* An open that failed has no file: the path as it was asked for. */
static __always_inline void send_asked(struct file_scratch *space, __u64 path)
{
	long size = bpf_probe_read_user_str(space->event.path, PATH_SIZE, (void *)path);

	if (size == PATH_SIZE)
		space->event.path_cut = true;
	send(space, size > 0 ? size : 0);
}

static __always_inline void name_operation(struct file_event *event, enum operation operation)
{
	__builtin_memset(event->operation, 0, OPERATION_SIZE);
	if (operation == CALL_READ)
		__builtin_memcpy(event->operation, "read", sizeof("read"));
	else if (operation == CALL_WRITE)
		__builtin_memcpy(event->operation, "write", sizeof("write"));
	else if (operation == CALL_SYNC)
		__builtin_memcpy(event->operation, "sync", sizeof("sync"));
	else
		__builtin_memcpy(event->operation, "open", sizeof("open"));
}

SEC("raw_tp/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long ret)
{
	__u32 tid = bpf_get_current_pid_tgid(), key = 0;
	enum operation operation = operation_of(number_of(regs));
	struct file_scratch *space;
	struct file_call *call;
	bool is_open = operation == CALL_OPEN || operation == CALL_OPEN_AT;
	struct file *file;
	__u64 ns;

	if (operation == CALL_NONE)
		return 0;
	call = bpf_map_lookup_elem(&calls, &tid);
	if (!call || !call->since_ns)
		return 0;
	ns = bpf_ktime_get_ns() - call->since_ns;
	call->since_ns = 0;
	if (ns < min_us * NSEC_PER_USEC || is_restarted(ret))
		return 0;
	file = is_open ? ret < 0 ? NULL : file_of(ret) : file_of(call->descriptor);
	if (!file && !is_open)
		return 0;
	if (!is_open && (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFREG)
		return 0;
	space = bpf_map_lookup_elem(&scratch, &key);
	if (!space)
		return 0;
	__builtin_memset(&space->event, 0, EVENT_HEAD_SIZE);
	fill_current(&space->event);
	space->event.latency_ns = ns;
	space->event.ret = ret;
	name_operation(&space->event, operation);
	if (file)
		send_file(space, file);
	else
		send_asked(space, call->path);
	return 0;
}
