// SPDX-License-Identifier: GPL-2.0
/*
 * Children that exec, one after the other:
 *
 *   true COUNT      /bin/true, with four arguments
 *   missing COUNT   a program that is not there
 */
#include "workload.h"
#include <sys/wait.h>

#define NOT_STARTED 127

static int start(const char *path, long count)
{
	int status;

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0)
			return errno;
		if (child == 0) {
			execl(path, "true", "one", "", "two words", NULL);
			_exit(NOT_STARTED);
		}
		if (waitpid(child, &status, 0) != child)
			return errno;
	}
	return 0;
}

static int obey(const char *verb, char *rest)
{
	if (!strcmp(verb, "true"))
		return start("/bin/true", atol(rest));
	if (!strcmp(verb, "missing"))
		return start("/nonexistent/program", atol(rest));
	return EINVAL;
}
