// SPDX-License-Identifier: GPL-2.0
/*
 * Sends signals:
 *
 *   term COUNT      SIGTERM to children that wait for it; answers the last child
 *   ignored COUNT   SIGUSR1 to itself, which ignores it
 *   pending COUNT   SIGUSR2 to itself, which has it blocked: the first waits
 *   thread COUNT    SIGURG to its own thread by tgkill; ignored by default
 *   missing COUNT   SIGTERM to a process that is not there, by kill and by tkill
 *   denied          SIGTERM to itself from a child that may not
 *   question COUNT  signal 0 to itself
 *   fault           a child that reads where nothing is
 */
#include "workload.h"
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define NOBODY 65534
#define NO_PROCESS 4194303 /* the largest id there can be, as the kernel gives the lowest free */

static int term(void)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return errno;
	if (child == 0)
		for (;;)
			pause();
	if (kill(child, SIGTERM) || waitpid(child, &status, 0) != child)
		return errno;
	report(" %d", child);
	return 0;
}

static int pending(long count)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (long i = 0; i < count; i++)
		kill(getpid(), SIGUSR2);
	signal(SIGUSR2, SIG_IGN); /* drops the one that waits */
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	signal(SIGUSR2, SIG_DFL);
	return 0;
}

/* What a child does, which ends by itself or by a signal. */
static int in_child(int (*act)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(act());
	report(" %d", child);
	return waitpid(child, &status, 0) == child ? 0 : errno;
}

static int denied(void)
{
	if (setuid(NOBODY))
		return 1;
	return kill(getppid(), SIGTERM) == 0;
}

static int fault(void)
{
	return *(volatile int *)sizeof(int);
}

static int repeat(const char *verb, long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		if (!strcmp(verb, "term"))
			error = term();
		else if (!strcmp(verb, "ignored"))
			error = kill(getpid(), SIGUSR1) ? errno : 0;
		else if (!strcmp(verb, "thread"))
			error = syscall(SYS_tgkill, getpid(), gettid(), SIGURG) ? errno : 0;
		else if (!strcmp(verb, "question"))
			error = kill(getpid(), 0) ? errno : 0;
		else if (!strcmp(verb, "missing") && kill(NO_PROCESS, SIGTERM) != 0)
			syscall(SYS_tkill, NO_PROCESS, SIGTERM);
		else
			error = EINVAL;
	}
	return error;
}

static int obey(const char *verb, char *rest)
{
	signal(SIGUSR1, SIG_IGN);
	if (!strcmp(verb, "pending"))
		return pending(atol(rest));
	if (!strcmp(verb, "denied"))
		return in_child(denied);
	if (!strcmp(verb, "fault"))
		return in_child(fault);
	return repeat(verb, atol(rest));
}
