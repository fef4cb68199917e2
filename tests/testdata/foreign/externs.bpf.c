// SPDX-License-Identifier: GPL-2.0
/* What the kernel has to give: its configuration, its symbols, its functions; some of it not. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern unsigned long CONFIG_HZ __kconfig;
extern char CONFIG_CC_VERSION_TEXT[64] __kconfig __weak;
extern int CONFIG_THAT_DOES_NOT_EXIST __kconfig __weak;

extern const void schedule __ksym; /* by address alone */
extern const int that_does_not_exist __ksym __weak;
extern void function_that_does_not_exist(void) __ksym __weak;
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym __weak;
extern void bpf_task_release(struct task_struct *p) __ksym __weak;

__u64 seen;

SEC("tp_btf/sched_process_exit")
int on_exit(__u64 *ctx)
{
	seen = LINUX_KERNEL_VERSION + CONFIG_HZ + CONFIG_BPF_SYSCALL + CONFIG_CC_VERSION_TEXT[0] +
	       CONFIG_THAT_DOES_NOT_EXIST + (__u64)&schedule;
	if (&that_does_not_exist)
		seen++;
	return 0;
}

SEC("tp_btf/sched_switch")
int on_switch(__u64 *ctx)
{
	if (function_that_does_not_exist)
		function_that_does_not_exist();
	return 0;
}

char _license[] SEC("license") = "GPL";
