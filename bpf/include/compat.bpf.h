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

#endif /* EBPF_MCP_COMPAT_BPF_H */
