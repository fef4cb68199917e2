// SPDX-License-Identifier: GPL-2.0
/* Reads a field that no kernel has: libbpf poisons the instruction and the kernel rejects it. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct___absent {
	int field_that_no_kernel_has;
} __attribute__((preserve_access_index));

SEC("raw_tp/sys_enter")
int read_absent_field(void *ctx)
{
	struct task_struct___absent *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, field_that_no_kernel_has);
}
