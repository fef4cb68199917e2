// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults of known number and kind. Each command reports by how much this process's own count
 * of minor and major faults (getrusage) has grown:
 *
 *   write COUNT    fresh pages, written
 *   read COUNT     fresh pages, read: each gets the page of zeros
 *   copy COUNT     pages that were read, then written
 *   kernel COUNT   fresh pages, written by the kernel in a system call
 *   signal COUNT   pages that must not be touched: each ends in a SIGSEGV, which is handled
 *   major COUNT    pages of a loop device of its own, read for the first time
 *   child COUNT    another process: writes so many fresh pages; reports it and its counts whole
 */
#include "workload.h"
#include "loop_disk.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct rusage before;
static volatile char sink;
static sigjmp_buf back;

static void begin(void)
{
	getrusage(RUSAGE_SELF, &before);
}

static void end(void)
{
	struct rusage after;

	getrusage(RUSAGE_SELF, &after);
	report(" %ld %ld", after.ru_minflt - before.ru_minflt, after.ru_majflt - before.ru_majflt);
}

static volatile char *map_pages(long count, int protection)
{
	char *pages = mmap(NULL, count * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	madvise(pages, count * PAGE, MADV_NOHUGEPAGE);
	return pages;
}

static void write_each(volatile char *pages, long count)
{
	for (long i = 0; i < count; i++)
		pages[i * PAGE] = 1;
}

static void read_each(volatile char *pages, long count)
{
	for (long i = 0; i < count; i++)
		sink = pages[i * PAGE];
}

static int read_zeros(volatile char *pages, long count)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		if (read(fd, (char *)pages + i * PAGE, 1) != 1)
			error = errno;
	close(fd);
	return error;
}

static void go_back(int unused)
{
	(void)unused;
	siglongjmp(back, 1);
}

static void touch_forbidden(volatile char *pages, long count)
{
	struct sigaction action = { .sa_handler = go_back };
	volatile long i = 0;

	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(back, 1))
		i++;
	while (i < count)
		sink = pages[i * PAGE];
}

static int read_disk(long count)
{
	int fd = make_loop_disk(count, 0);
	volatile char *pages;

	if (fd < 0)
		return errno;
	pages = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (pages == MAP_FAILED || madvise((void *)pages, count * PAGE, MADV_RANDOM))
		return errno;
	begin();
	read_each(pages, count);
	end();
	munmap((void *)pages, count * PAGE);
	close(fd);
	return 0;
}

static int run_child(long count)
{
	struct rusage use;
	pid_t child = fork();
	int status;

	if (child < 0)
		return errno;
	if (child == 0) {
		write_each(map_pages(count, PROT_READ | PROT_WRITE), count);
		_exit(0);
	}
	if (wait4(child, &status, 0, &use) != child)
		return errno;
	report(" %d %ld %ld", child, use.ru_minflt, use.ru_majflt);
	return status ? EIO : 0;
}

static int touch(const char *verb, long count)
{
	int protection = strcmp(verb, "signal") ? PROT_READ | PROT_WRITE : PROT_NONE;
	volatile char *pages = map_pages(count, protection);
	int error = 0;

	begin();
	if (!strcmp(verb, "write"))
		write_each(pages, count);
	else if (!strcmp(verb, "read") || !strcmp(verb, "copy"))
		read_each(pages, count);
	else if (!strcmp(verb, "kernel"))
		error = read_zeros(pages, count);
	else if (!strcmp(verb, "signal"))
		touch_forbidden(pages, count);
	else
		error = EINVAL;
	if (!strcmp(verb, "copy"))
		write_each(pages, count);
	end();
	munmap((void *)pages, count * PAGE);
	return error;
}

static int obey(const char *verb, char *rest)
{
	long count = strtol(rest, &rest, 10);

	if (!strcmp(verb, "major"))
		return read_disk(count);
	if (!strcmp(verb, "child"))
		return run_child(count);
	return touch(verb, count);
}
