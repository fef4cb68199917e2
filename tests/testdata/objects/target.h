/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracing programs of the tests see one process only, so that they never meet the host's work.
 * They use UAPI headers where vmlinux.h is not needed: its names change with the build machine.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* The process to follow; 0 follows none. */
const volatile __u32 target_pid = 0;

static __always_inline bool is_target(void)
{
	return target_pid && bpf_get_current_pid_tgid() >> 32 == target_pid;
}

#endif /* TARGET_H */
