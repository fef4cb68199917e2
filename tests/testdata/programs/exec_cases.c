// SPDX-License-Identifier: GPL-2.0
/* Ways to start a program, and to fail at it, that a tracer of execs must tell apart. */
#define _GNU_SOURCE
#include "exec_cases.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 4
#define MANY 300
#define NOT_STARTED 127

static void exec_success(void)
{
	execl("/bin/true", "true", "one", "", "two words", NULL);
}

static void exec_missing(void)
{
	execl("/nonexistent/program", "program", "--flag", NULL);
}

static void exec_directory(void)
{
	execl("/tmp", "tmp", NULL);
}

static void exec_hostile(void)
{
	execl("/bin/true", "true", "\x1b[31mred", "\"quoted\"", "two\nlines", "bad \xff utf-8", NULL);
}

/* 299 arguments of 20 characters: more than the 4096 bytes that are kept. */
static void exec_with_many(const char *path)
{
	char *args[MANY];

	for (int i = 0; i < MANY - 1; i++)
		args[i] = "12345678901234567890";
	args[MANY - 1] = NULL;
	execv(path, args);
}

static void exec_many(void)
{
	exec_with_many("/bin/true");
}

static void exec_many_missing(void)
{
	exec_with_many("/nonexistent/program");
}

/* A name of 255 characters is kept whole, a longer one is cut. */
static void exec_long_name(void)
{
	char path[301];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	execl(path, path, NULL);
}

static void exec_by_fd(void)
{
	char *const args[] = { "by-fd", NULL };
	char *const environment[] = { NULL };

	syscall(SYS_execveat, open("/bin/true", O_RDONLY | O_CLOEXEC), "", args, environment,
		AT_EMPTY_PATH);
}

static void *success_thread(void *unused)
{
	execl("/bin/true", "true", "from", "thread", NULL);
	return unused;
}

static void *missing_thread(void *unused)
{
	exec_missing();
	return unused;
}

static void in_thread(void *(*start)(void *))
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, start, NULL))
		pthread_join(thread, NULL);
}

static void exec_thread(void)
{
	in_thread(success_thread);
}

static void exec_thread_missing(void)
{
	in_thread(missing_thread);
}

/* Fails before it succeeds, as a shell does that looks through PATH. */
static void exec_second_try(void)
{
	exec_missing();
	exec_success();
}

static const struct {
	const char *name;
	void (*exec)(void);
} cases[] = {
	{ "success", exec_success },
	{ "missing", exec_missing },
	{ "directory", exec_directory },
	{ "hostile", exec_hostile },
	{ "many", exec_many },
	{ "many_missing", exec_many_missing },
	{ "long_name", exec_long_name },
	{ "by_fd", exec_by_fd },
	{ "thread", exec_thread },
	{ "thread_missing", exec_thread_missing },
	{ "second_try", exec_second_try },
};

static void start(void (*exec)(void))
{
	if (fork())
		return;
	exec();
	_exit(NOT_STARTED);
}

int run_exec_case(const char *name, long count)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, name))
			continue;
		for (long started = 0; started < count; started++) {
			if (started >= AT_ONCE)
				wait(NULL);
			start(cases[i].exec);
		}
		while (wait(NULL) > 0)
			;
		return 0;
	}
	return EINVAL;
}
