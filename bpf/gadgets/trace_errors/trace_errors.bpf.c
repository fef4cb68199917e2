// SPDX-License-Identifier: GPL-2.0
/*
 * trace_errors: which system calls fail, for whom, how often, with which error.
 *
 * One program, at the exit: there is the result, and beside it the registers that the call was made
 * with, so that nothing has to be remembered from the entry. That costs a call that succeeds one
 * comparison, counts calls that were under way when the program came, and those that seccomp
 * refuses, which have an exit and no entry. Texts are read where the kernel has just read them.
 */
#include "vmlinux.h"
#include <asm/unistd.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "samples.h"

#define ROWS_MAX 8192
#define PATH_SIZE 128
#define ERRNO_MAX 4095
#define WORDS 8
#define WORD_BITS 64

/* Socket address families (linux/socket.h), which BTF does not carry. */
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

char LICENSE[] SEC("license") = "GPL";

/* What to count, beside the filters of gadget.bpf.h. -1 means any. */
const volatile __s32 target_errno = -1;
const volatile __s32 target_syscall = -1;

/* The same for several, a bit for each number, when `by_errnos` or `by_syscalls` says so. */
const volatile bool by_errnos = false;
const volatile bool by_syscalls = false;
const volatile __u64 wanted_errnos[WORDS] = {};
const volatile __u64 wanted_syscalls[WORDS] = {};
const volatile __u64 wanted_compat[WORDS] = {};

struct failed_call_key {
	__u64 cgroup_id;
	__u32 pid;
	__u32 uid;
	__u32 syscall; /* by the table of `compat` */
	__s32 ret;
	__u32 compat; /* 1: a 32-bit call, which has numbers of its own */
	char comm[COMM_SIZE];
	__u32 unused; /* padding would not be zero */
};

/* The first failure's arguments are the sample: one that is written once is never torn. */
struct failed_call {
	__u64 count;
	__u64 first_ns;
	__u64 last_ns;
	__u64 args[4];
	__u32 has_path;
	__u16 family; /* of a socket address, else 0 */
	__u16 port;
	__u8 address[16];
	char path[PATH_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct failed_call_key);
	__type(value, struct failed_call);
} failed SEC(".maps");

#ifdef __TARGET_ARCH_x86

#define X32_BIT 0x40000000

static __always_inline __s64 syscall_number(struct pt_regs *regs)
{
	return (__s64)BPF_CORE_READ(regs, orig_ax);
}

static __always_inline void read_compat_args(struct pt_regs *regs, __u64 *args)
{
	args[0] = (__u32)BPF_CORE_READ(regs, bx);
	args[1] = (__u32)BPF_CORE_READ(regs, cx);
	args[2] = (__u32)BPF_CORE_READ(regs, dx);
	args[3] = (__u32)BPF_CORE_READ(regs, si);
}

static __always_inline __u64 fifth_arg(struct pt_regs *regs, bool compat)
{
	return compat ? (__u32)BPF_CORE_READ(regs, di) : BPF_CORE_READ(regs, r8);
}

#else

#define X32_BIT 0

static __always_inline __s64 syscall_number(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

static __always_inline void read_compat_args(struct pt_regs *regs, __u64 *args)
{
	args[0] = (__u32)BPF_CORE_READ(regs, orig_x0);
	args[1] = (__u32)BPF_CORE_READ(regs, regs[1]);
	args[2] = (__u32)BPF_CORE_READ(regs, regs[2]);
	args[3] = (__u32)BPF_CORE_READ(regs, regs[3]);
}

static __always_inline __u64 fifth_arg(struct pt_regs *regs, bool compat)
{
	return BPF_CORE_READ(regs, regs[4]);
}

#endif

static __always_inline void read_args(struct pt_regs *regs, bool compat, __u64 *args)
{
	if (compat) {
		read_compat_args(regs, args);
		return;
	}
	args[0] = PT_REGS_PARM1_CORE_SYSCALL(regs);
	args[1] = PT_REGS_PARM2_CORE_SYSCALL(regs);
	args[2] = PT_REGS_PARM3_CORE_SYSCALL(regs);
	args[3] = PT_REGS_PARM4_CORE_SYSCALL(regs);
}

static __always_inline bool has_bit(const volatile __u64 *words, __u32 number)
{
	__u32 word = number / WORD_BITS;

	if (word >= WORDS)
		return false;
	barrier_var(word); /* keeps the mask, without which old verifiers see no bound */
	return words[word & (WORDS - 1)] & (1ULL << (number % WORD_BITS));
}

static __always_inline bool is_wanted_errno(__u32 error)
{
	if (target_errno != -1 && (__u32)target_errno != error)
		return false;
	return !by_errnos || has_bit(wanted_errnos, error);
}

static __always_inline bool is_wanted_syscall(__u32 number, bool compat)
{
	if (target_syscall != -1 && ((__u32)target_syscall != number || compat))
		return false;
	if (!by_syscalls)
		return true;
	return compat ? has_bit(wanted_compat, number) : has_bit(wanted_syscalls, number);
}

static __always_inline void read_address(struct failed_call *call, const void *from)
{
	struct sockaddr_in6 in6 = {};
	__u16 family = 0;

	if (bpf_probe_read_user(&family, sizeof(family), from))
		return;
	call->family = family;
	if (family == AF_UNIX) {
		call->has_path = 1;
		bpf_probe_read_user_str(call->path, PATH_SIZE, from + sizeof(family));
	} else if (family == AF_INET) {
		struct sockaddr_in in = {};

		bpf_probe_read_user(&in, sizeof(in), from);
		call->port = bpf_ntohs(in.sin_port);
		call->address[10] = 0xff;
		call->address[11] = 0xff;
		__builtin_memcpy(&call->address[12], &in.sin_addr, 4);
	} else if (family == AF_INET6) {
		bpf_probe_read_user(&in6, sizeof(in6), from);
		call->port = bpf_ntohs(in6.sin6_port);
		__builtin_memcpy(call->address, &in6.sin6_addr, sizeof(call->address));
	}
}

static __always_inline void read_sample(struct failed_call *call, struct pt_regs *regs,
					__u32 number, bool compat)
{
	__u8 sample = sample_of(number, compat);
	__u32 which = sample & SAMPLE_ARG;
	const void *from;

	read_args(regs, compat, call->args);
	if (!sample)
		return;
	/* Spelled out: no offset into the stack is then a variable. */
	from = (void *)(which == 0 ? call->args[0] :
			which == 1 ? call->args[1] :
			which == 2 ? call->args[2] :
			which == 3 ? call->args[3] :
				     fifth_arg(regs, compat));
	if (!from)
		return;
	if (sample & SAMPLE_ADDRESS) {
		read_address(call, from);
		return;
	}
	call->has_path = bpf_probe_read_user_str(call->path, PATH_SIZE, from) > 0;
}

static __always_inline bool add_to(struct failed_call_key *key, __u64 now)
{
	struct failed_call *call = bpf_map_lookup_elem(&failed, key);

	if (!call)
		return false;
	__sync_fetch_and_add(&call->count, 1);
	call->last_ns = now;
	return true;
}

SEC("raw_tp/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long ret)
{
	struct failed_call_key key = {};
	struct failed_call first = {};
	struct task_struct *task;
	__u64 pid_tgid, now;
	__s64 number;
	bool compat;

	if (ret >= 0 || ret < -ERRNO_MAX || is_restarted(ret))
		return 0;
	if (!is_wanted_errno(-ret) || !is_wanted_current())
		return 0;
	number = syscall_number(regs);
	if (number < 0) /* a return from a signal gives back what the interrupted code had */
		return 0;
	task = (struct task_struct *)bpf_get_current_task();
	compat = is_foreign_abi();
	number &= ~(__s64)X32_BIT;
	if (!is_wanted_syscall(number, compat))
		return 0;
	pid_tgid = bpf_get_current_pid_tgid();
	key.cgroup_id = cgroup_id_of(task);
	key.pid = pid_tgid >> 32;
	key.uid = bpf_get_current_uid_gid();
	key.syscall = number;
	key.ret = ret;
	key.compat = compat;
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	now = bpf_ktime_get_ns();
	if (add_to(&key, now))
		return 0;
	first.count = 1;
	first.first_ns = now;
	first.last_ns = now;
	read_sample(&first, regs, number, compat);
	/* Another thread of the process may have been faster. */
	if (bpf_map_update_elem(&failed, &key, &first, BPF_NOEXIST) && !add_to(&key, now))
		count_dropped();
	return 0;
}
