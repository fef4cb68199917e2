/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which system calls read, write, open and sync files, for programs on the raw tracepoints sys_enter
 * and sys_exit: those of syscalls:* would take a program for each call and end. A 32-bit process
 * numbers its calls in another way (is_foreign_abi). Include vmlinux.h, bpf_helpers.h,
 * bpf_tracing.h, bpf_core_read.h and gadget.bpf.h first.
 */
#ifndef EBPF_MCP_FILE_CALLS_BPF_H
#define EBPF_MCP_FILE_CALLS_BPF_H

#define THREADS_MAX 10240
#define S_IFMT 0170000
#define S_IFREG 0100000

/* What a call does with a file; of CALL_OPEN_AT the path is the second argument. */
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
		return CALL_OPEN;
	case 257: /* openat */
	case 437: /* openat2 */
		return CALL_OPEN_AT;
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
		return CALL_OPEN_AT;
	case 82: /* fsync */
	case 83: /* fdatasync */
		return CALL_SYNC;
#endif
	}
	return CALL_NONE;
}

static __always_inline long number_of(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_x86
	return BPF_CORE_READ(regs, orig_ax);
#else
	return BPF_CORE_READ(regs, syscallno);
#endif
}

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

/* The current thread is in such a call from now on. */
static __always_inline void begin_file_call(struct pt_regs *regs, enum operation operation)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct file_call call = {};
	struct file_call *kept;

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
}

/* It ends: the call, or false if its beginning was not seen. */
static __always_inline bool end_file_call(struct file_call *call)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct file_call *kept = bpf_map_lookup_elem(&calls, &tid);

	if (!kept || !kept->since_ns)
		return false;
	*call = *kept;
	kept->since_ns = 0;
	return true;
}

static __always_inline bool is_regular(const struct file *file)
{
	return (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == S_IFREG;
}

#endif /* EBPF_MCP_FILE_CALLS_BPF_H */
