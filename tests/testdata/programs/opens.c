// SPDX-License-Identifier: GPL-2.0
/*
 * Opens files in every way, each COUNT times:
 *
 *   open | creat | openat | openat2 COUNT   /dev/null, closed at once; answers the descriptor
 *   missing COUNT     a path that is not there
 *   relative COUNT    "null", from a descriptor of /dev, which it answers
 *   long COUNT        a path of 5000 bytes
 *   fault COUNT       no path at all
 */
#include "workload.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#define LONG_PATH 5000
#define BAD_ADDRESS 8

static int by_openat2(void)
{
	struct open_how how = { .flags = O_RDWR | O_CLOEXEC };

	return syscall(SYS_openat2, AT_FDCWD, "/dev/null", &how, sizeof(how));
}

static int by_open(void)
{
#ifdef SYS_open
	return syscall(SYS_open, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
#else
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
#endif
}

static int by_creat(void)
{
#ifdef SYS_creat
	return syscall(SYS_creat, "/dev/null", 0640);
#else
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_CREAT | O_WRONLY | O_TRUNC, 0640);
#endif
}

static int by_openat(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC, 0);
}

static int missing(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/nonexistent/file", O_RDONLY, 0);
}

static int too_long(void)
{
	char path[LONG_PATH + 1];

	memset(path, 'x', LONG_PATH);
	path[0] = '/';
	path[LONG_PATH] = 0;
	return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

static int fault(void)
{
	return syscall(SYS_openat, AT_FDCWD, (char *)BAD_ADDRESS, O_RDONLY, 0);
}

static int repeat(int (*open_once)(void), long count)
{
	int fd = -1;

	for (long i = 0; i < count; i++) {
		fd = open_once();
		if (fd >= 0)
			close(fd);
	}
	report(" %d", fd);
	return 0;
}

static int relative(long count)
{
	int folder = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return errno;
	for (long i = 0; i < count; i++)
		close(syscall(SYS_openat, folder, "null", O_RDONLY, 0));
	report(" %d", folder);
	close(folder);
	return 0;
}

static int obey(const char *verb, char *rest)
{
	long count = atol(rest);

	if (!strcmp(verb, "open"))
		return repeat(by_open, count);
	if (!strcmp(verb, "creat"))
		return repeat(by_creat, count);
	if (!strcmp(verb, "openat"))
		return repeat(by_openat, count);
	if (!strcmp(verb, "openat2"))
		return repeat(by_openat2, count);
	if (!strcmp(verb, "missing"))
		return repeat(missing, count);
	if (!strcmp(verb, "relative"))
		return relative(count);
	if (!strcmp(verb, "long"))
		return repeat(too_long, count);
	if (!strcmp(verb, "fault"))
		return repeat(fault, count);
	return EINVAL;
}
