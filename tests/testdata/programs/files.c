// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes of known number and size, of files in a folder of its own below /tmp:
 *
 *   transfer COUNT   in all ways: COUNT times 5 calls that write 10 bytes each, 5 that read them
 *                    back and one at the end of the file; reports path, inode and device
 *   several COUNT    a file for each number up to COUNT, which many bytes are written to, at once
 *   deep BYTES       written, to a file below four folders with names of 200 bytes; reports its path
 *   failing COUNT    reads of a file that is open for writing only
 *   pipe COUNT       bytes through a pipe, one at a time
 */
#include "workload.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define SIZE 10
#define DEPTH 4
#define NAME_LENGTH 200

static char buffer[4096];

/* The folder is there until `clean`. */
static const char *folder(void)
{
	static char path[32];

	snprintf(path, sizeof(path), "/tmp/files-%d", getpid());
	mkdir(path, 0700);
	return path;
}

static int clean(int error)
{
	return rmdir(folder()) && !error ? errno : error;
}

static int open_file(char *path, size_t size, long number, int flags)
{
	snprintf(path, size, "%s/%ld", folder(), number);
	return open(path, flags | O_CREAT | O_CLOEXEC, 0600);
}

static int transfer_once(int fd)
{
	struct iovec parts[2] = { { buffer, SIZE / 2 }, { buffer, SIZE / 2 } };

	if (lseek(fd, 0, SEEK_SET) || write(fd, buffer, SIZE) != SIZE ||
	    writev(fd, parts, 2) != SIZE || pwrite(fd, buffer, SIZE, 2 * SIZE) != SIZE ||
	    pwritev(fd, parts, 2, 3 * SIZE) != SIZE || pwritev2(fd, parts, 2, 4 * SIZE, 0) != SIZE)
		return errno;
	if (lseek(fd, 0, SEEK_SET) || read(fd, buffer, SIZE) != SIZE ||
	    readv(fd, parts, 2) != SIZE || pread(fd, buffer, SIZE, 2 * SIZE) != SIZE ||
	    preadv(fd, parts, 2, 3 * SIZE) != SIZE || preadv2(fd, parts, 2, 4 * SIZE, 0) != SIZE)
		return errno;
	return pread(fd, buffer, SIZE, 5 * SIZE) ? errno : 0;
}

static int transfer(long count)
{
	char path[64];
	struct stat status = {};
	int fd = open_file(path, sizeof(path), 0, O_RDWR);
	int error = fd < 0 || fstat(fd, &status) ? errno : 0;

	for (long i = 0; i < count && !error; i++)
		error = transfer_once(fd);
	report(" %s %lu %lu", path, (unsigned long)status.st_ino, (unsigned long)status.st_dev);
	close(fd);
	unlink(path);
	return clean(error);
}

static int write_several(long count)
{
	int error = count > (long)sizeof(buffer) ? EINVAL : 0;

	for (long i = 1; i <= count && !error; i++) {
		char path[64];
		int fd = open_file(path, sizeof(path), i, O_WRONLY);

		if (fd < 0 || write(fd, buffer, i) != i)
			error = errno;
		close(fd);
	}
	for (long i = 1; i <= count; i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%ld", folder(), i);
		unlink(path);
	}
	return clean(error);
}

/* Takes the folders away again, from the last. */
static int climb(char *path, int error)
{
	unlink(path);
	for (int i = 0; i < DEPTH; i++) {
		*strrchr(path, '/') = 0;
		if (rmdir(path) && !error)
			error = errno;
	}
	return clean(error);
}

static int write_deep(long bytes)
{
	char path[64 + DEPTH * (NAME_LENGTH + 1)];
	size_t end = snprintf(path, sizeof(path), "%s", folder());
	int error = bytes > (long)sizeof(buffer) ? EINVAL : 0;
	int fd;

	for (int i = 0; i < DEPTH; i++) {
		path[end] = '/';
		memset(path + end + 1, 'a' + i, NAME_LENGTH);
		end += NAME_LENGTH + 1;
		path[end] = 0;
		mkdir(path, 0700);
	}
	strcpy(path + end, "/file");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (!error && (fd < 0 || write(fd, buffer, bytes) != bytes))
		error = errno;
	report(" %s", path);
	close(fd);
	return climb(path, error);
}

static int fail_to_read(long count)
{
	char path[64];
	int fd = open_file(path, sizeof(path), 0, O_WRONLY);
	int error = fd < 0 ? errno : 0;

	for (long i = 0; i < count && !error; i++)
		if (read(fd, buffer, SIZE) >= 0 || errno != EBADF)
			error = EPROTO;
	close(fd);
	unlink(path);
	return clean(error);
}

static int use_pipe(long count)
{
	int ends[2];

	if (pipe(ends))
		return errno;
	for (long i = 0; i < count; i++)
		if (write(ends[1], buffer, 1) != 1 || read(ends[0], buffer, 1) != 1)
			return errno;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static int obey(const char *verb, char *rest)
{
	long count = atol(rest);

	if (!strcmp(verb, "transfer"))
		return transfer(count);
	if (!strcmp(verb, "several"))
		return write_several(count);
	if (!strcmp(verb, "deep"))
		return write_deep(count);
	if (!strcmp(verb, "failing"))
		return fail_to_read(count);
	if (!strcmp(verb, "pipe"))
		return use_pipe(count);
	return EINVAL;
}
