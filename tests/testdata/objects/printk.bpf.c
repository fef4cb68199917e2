// SPDX-License-Identifier: GPL-2.0
/*
 * Prints `burst` numbered lines into the kernel's trace buffer for each run: `print_lines` names
 * itself in them, as programs do by custom, `print_plain` does not.
 */
#include "target.h"

const volatile __u32 burst = 10;

/* The kernel refuses control characters in a format, and passes those of an argument on. */
const char hostile[] = "\x1b[31m";

#define SHORT_LINES "a\nb\nc\nd\n"
#define MORE_LINES SHORT_LINES SHORT_LINES SHORT_LINES SHORT_LINES
const char short_lines[] = MORE_LINES MORE_LINES MORE_LINES MORE_LINES;

__u64 printed;

static long print_next(__u32 step, void *unused)
{
	__u64 number = __sync_fetch_and_add(&printed, 1);

	bpf_printk("print_lines: number=%llu of a test", number);
	return 0;
}

SEC("syscall")
int print_lines(void *ctx)
{
	bpf_loop(burst, print_next, NULL, 0);
	return 0;
}

SEC("syscall")
int print_plain(void *ctx)
{
	bpf_printk("plain %s text: with a colon", hostile);
	return 0;
}

SEC("syscall")
int print_short(void *ctx)
{
	bpf_printk("%s", short_lines);
	return 0;
}
