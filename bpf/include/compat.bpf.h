/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that differs between the kernels we run on (5.10 and later), in one place. Each shim
 * names the kernel commit that makes it necessary. Types carry a `___compat` flavour: libbpf
 * matches them by the name before the three underscores, so a gadget builds even where the BTF of
 * the build machine lacks them. Include vmlinux.h first (or
 * UAPI headers with stdbool.h).
 */
#ifndef EBPF_MCP_COMPAT_BPF_H
#define EBPF_MCP_COMPAT_BPF_H

#include <bpf/bpf_core_read.h>

/*
 * The context of a syscalls:sys_enter_* or sys_exit_* program. It is not struct
 * trace_event_raw_sys_enter, whose number is a long: linux-rt ea622076b76f ("sched: Add support
 * for lazy preemption", also in RHEL 9) grows struct trace_entry to 12 bytes, and from there the
 * two differ by padding. The kernel hands out this layout; d3c4db86c711 ("tracing: bpf: use struct
 * trace_entry in struct syscall_tp_t") says so since 6.6.
 */
struct trace_entry___compat {
	int pid;
} __attribute__((preserve_access_index));

struct syscall_trace_enter___compat {
	struct trace_entry___compat ent;
	int nr;
	unsigned long args[];
} __attribute__((preserve_access_index));

struct syscall_trace_exit___compat {
	struct trace_entry___compat ent;
	int nr;
	long ret;
} __attribute__((preserve_access_index));

/*
 * Return values that user space never sees: the kernel restarts the call, or the signal that
 * interrupted it kills the caller (include/linux/errno.h, which BTF does not carry).
 */
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516

static __always_inline bool is_restarted(long ret)
{
	return ret <= -ERESTARTSYS && ret >= -ERESTART_RESTARTBLOCK;
}

/*
 * Where a control group keeps its ancestors, itself included, by level: their ids until 6.0, and
 * pointers to them since 7f203bc89eb6 ("cgroup: Replace cgroup->ancestor_ids[] with ->ancestors[]").
 */
struct cgroup___ids {
	__u64 ancestor_ids[0];
} __attribute__((preserve_access_index));

struct cgroup___ancestors {
	struct cgroup *ancestors[0];
} __attribute__((preserve_access_index));

/*
 * sched_process_exit says whether the thread is the last of its process since 2d6c0fd ("exit: move
 * and extend sched_process_exit() tracepoint", Linux 6.16), as second argument; then its event has
 * a struct of its own.
 */
struct trace_event_raw_sched_process_exit___compat {
	bool group_dead;
} __attribute__((preserve_access_index));

static __always_inline bool tells_group_dead(void)
{
	struct trace_event_raw_sched_process_exit___compat *event = NULL;

	return bpf_core_field_exists(event->group_dead);
}

/*
 * mark_victim gives the victim's thread id until 6.7, and the victim itself since 72ba14deb40a
 * ("mm: Update mark_victim tracepoints fields", 6.8), whose event then has a uid.
 */
struct trace_event_raw_mark_victim___compat {
	unsigned int uid;
} __attribute__((preserve_access_index));

static __always_inline bool gives_victim(void)
{
	struct trace_event_raw_mark_victim___compat *event = NULL;

	return bpf_core_field_exists(event->uid);
}

/*
 * Where a process counts its pages: in one struct until 6.1, in one counter per kind since
 * f1a7941243c1 ("mm: convert mm's rss stats into percpu_counter"), which may lack what CPUs have
 * not yet added, as the kernel's own reports do.
 */
struct page_count___compat {
	long counter;
} __attribute__((preserve_access_index));

struct mm_rss_stat___compat {
	struct page_count___compat count[4];
} __attribute__((preserve_access_index));

struct mm_struct___counts {
	struct mm_rss_stat___compat rss_stat;
} __attribute__((preserve_access_index));

struct percpu_counter___compat {
	__s64 count;
} __attribute__((preserve_access_index));

struct mm_struct___percpu {
	struct percpu_counter___compat rss_stat[4];
} __attribute__((preserve_access_index));

/* Pages of a constant kind; a macro, as only a constant index can be relocated. */
#define resident_pages(mm, kind)                                                                   \
	({                                                                                         \
		struct mm_struct___counts *counts_ = (void *)(mm);                                 \
		struct mm_struct___percpu *percpu_ = (void *)(mm);                                 \
		__s64 pages_;                                                                      \
		if (bpf_core_field_exists(counts_->rss_stat.count))                                \
			pages_ = BPF_CORE_READ(counts_, rss_stat.count[kind].counter);             \
		else                                                                               \
			pages_ = BPF_CORE_READ(percpu_, rss_stat[kind].count);                     \
		pages_ > 0 ? pages_ : 0;                                                           \
	})

/* How architectures mark a 32-bit process, whose system calls have numbers of their own. */
#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 0x2
#elif defined(__TARGET_ARCH_arm64)
#define TIF_32BIT 22
#endif

#ifdef __VMLINUX_H__
/* True inside a system call of a 32-bit process on a 64-bit kernel. */
static __always_inline bool is_foreign_abi(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	return BPF_CORE_READ(task, thread_info.flags) & 1UL << TIF_32BIT;
#endif
}
#endif

#endif /* EBPF_MCP_COMPAT_BPF_H */
