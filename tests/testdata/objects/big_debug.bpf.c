// SPDX-License-Identifier: GPL-2.0
/* Odd but valid: the build adds a debug section, so that the file has about 30 MiB. */
#include "target.h"

__u64 hits;

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_getppid(void *ctx)
{
	if (is_target())
		__sync_fetch_and_add(&hits, 1);
	return 0;
}
