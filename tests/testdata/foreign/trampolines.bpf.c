// SPDX-License-Identifier: GPL-2.0
/* fentry, fexit and fmod_ret: the kernel has to patch a function. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry/do_unlinkat")
int BPF_PROG(on_entry, int dfd, struct filename *name)
{
	return 0;
}

SEC("fexit/do_unlinkat")
int BPF_PROG(on_exit, int dfd, struct filename *name, long result)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
