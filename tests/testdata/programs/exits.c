// SPDX-License-Identifier: GPL-2.0
/*
 * Children and threads that end, one after the other:
 *
 *   exit CODE COUNT     with this code; answers the last child
 *   signal NUMBER COUNT by a signal that they send themselves, without a core
 *   dump                one aborts in a folder of its own with cores allowed; answers 1 if wait
 *                       says that a core was dumped
 *   threads COUNT       of this process
 *   group CODE COUNT    a child with so many threads more, all ended by its exit; answers it
 *   sleep MS            one that lives at least so long
 *   work MS             one that uses the CPU for so long, by the kernel's count
 */
#include "workload.h"
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define NS_PER_MS 1000000L
#define MS_PER_S 1000

static void limit_cores(rlim_t most)
{
	struct rlimit limit = { .rlim_cur = most, .rlim_max = RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &limit);
}

static int end_one(int code, int signal, long sleep_ms)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return errno;
	if (child == 0) {
		limit_cores(0);
		usleep(sleep_ms * 1000);
		if (signal)
			raise(signal);
		_exit(code);
	}
	return waitpid(child, &status, 0) == child ? 0 : errno;
}

static int end_many(int code, int signal, long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		error = end_one(code, signal, 0);
	return error;
}

static int dump(void)
{
	char folder[] = "/tmp/exits-XXXXXX";
	char command[64];
	int status;
	pid_t child;

	if (!mkdtemp(folder))
		return errno;
	child = fork();
	if (child == 0) {
		limit_cores(RLIM_INFINITY);
		if (chdir(folder) == 0)
			abort();
		_exit(1);
	}
	if (waitpid(child, &status, 0) != child)
		return errno;
	report(" %d", WIFSIGNALED(status) && WCOREDUMP(status));
	snprintf(command, sizeof(command), "%s/core", folder);
	unlink(command);
	snprintf(command, sizeof(command), "%s/core.%d", folder, child);
	unlink(command);
	return rmdir(folder) ? errno : 0;
}

static int work(long ms)
{
	struct timespec used = {};
	int status;
	pid_t child = fork();

	if (child == 0) {
		while (used.tv_sec * MS_PER_S + used.tv_nsec / NS_PER_MS < ms)
			clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
		_exit(0);
	}
	return waitpid(child, &status, 0) == child ? 0 : errno;
}

static void *end(void *unused)
{
	return unused;
}

static int end_threads(long count)
{
	for (long i = 0; i < count; i++) {
		pthread_t thread;
		int error = pthread_create(&thread, NULL, end, NULL);

		if (error)
			return error;
		pthread_join(thread, NULL);
	}
	return 0;
}

static void *wait_for_end(void *ready)
{
	pthread_barrier_wait(ready);
	for (;;)
		pause();
	return NULL;
}

/* Leaves once all threads run. */
static void end_with_threads(int code, long count)
{
	pthread_barrier_t ready;

	pthread_barrier_init(&ready, NULL, count + 1);
	for (long i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, wait_for_end, &ready))
			_exit(1);
	}
	pthread_barrier_wait(&ready);
	_exit(code);
}

static int end_group(int code, long count)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		end_with_threads(code, count);
	report(" %d", child);
	return waitpid(child, &status, 0) == child ? 0 : errno;
}

static int obey(const char *verb, char *rest)
{
	long first = strtol(rest, &rest, 10);
	long second = strtol(rest, NULL, 10);

	if (!strcmp(verb, "exit"))
		return end_many(first, 0, second);
	if (!strcmp(verb, "signal"))
		return end_many(0, first, second);
	if (!strcmp(verb, "dump"))
		return dump();
	if (!strcmp(verb, "threads"))
		return end_threads(first);
	if (!strcmp(verb, "group"))
		return end_group(first, second);
	if (!strcmp(verb, "work"))
		return work(first);
	if (!strcmp(verb, "sleep"))
		return end_one(0, 0, first);
	return EINVAL;
}
