// SPDX-License-Identifier: GPL-2.0
/* A security hook, and one that may sleep. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("lsm/file_open")
int BPF_PROG(on_open, struct file *file)
{
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(on_exec, struct linux_binprm *binary)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
