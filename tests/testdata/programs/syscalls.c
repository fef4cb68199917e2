// SPDX-License-Identifier: GPL-2.0
/*
 * System calls by the number; each command answers the call's number here:
 *
 *   getppid COUNT
 *   bad COUNT          close(-1), which fails
 *   sleep MS COUNT     nanosleep
 */
#include "workload.h"
#include <sys/syscall.h>
#include <time.h>

#define NS_PER_MS 1000000

static int obey(const char *verb, char *rest)
{
	long first = strtol(rest, &rest, 10);
	long second = strtol(rest, NULL, 10);

	if (!strcmp(verb, "getppid")) {
		for (long i = 0; i < first; i++)
			syscall(SYS_getppid);
		report(" %d", SYS_getppid);
		return 0;
	}
	if (!strcmp(verb, "bad")) {
		for (long i = 0; i < first; i++)
			syscall(SYS_close, -1);
		report(" %d", SYS_close);
		return 0;
	}
	if (!strcmp(verb, "sleep")) {
		struct timespec time = { .tv_nsec = first * NS_PER_MS };

		for (long i = 0; i < second; i++)
			syscall(SYS_nanosleep, &time, NULL);
		report(" %d", SYS_nanosleep);
		return 0;
	}
	return EINVAL;
}
