// SPDX-License-Identifier: GPL-2.0
/*
 * grow MIB: a child that takes so much memory and touches all of it. Answers the child's id and the
 * signal that ended it, 0 if none did.
 */
#include "workload.h"
#include <sys/mman.h>
#include <sys/wait.h>

#define MIB (1024 * 1024)

static int obey(const char *verb, char *rest)
{
	long bytes = atol(rest) * MIB;
	int status;
	pid_t child;

	if (strcmp(verb, "grow"))
		return EINVAL;
	child = fork();
	if (child == 0) {
		char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		memset(memory, 1, bytes);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	report(" %d %d", child, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return 0;
}
