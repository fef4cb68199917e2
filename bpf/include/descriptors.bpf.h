/* SPDX-License-Identifier: GPL-2.0 */
/* What stands behind a descriptor. Include vmlinux.h, bpf_helpers.h and bpf_core_read.h first. */
#ifndef EBPF_MCP_DESCRIPTORS_BPF_H
#define EBPF_MCP_DESCRIPTORS_BPF_H

/* The open file behind a descriptor of the current task, NULL if there is none. */
static __always_inline struct file *file_of(__u32 fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

#endif /* EBPF_MCP_DESCRIPTORS_BPF_H */
