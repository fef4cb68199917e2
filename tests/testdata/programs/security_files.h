/* SPDX-License-Identifier: GPL-2.0 */
/* Files and folders that are deleted. Include workload.h first. */
#ifndef SECURITY_FILES_H
#define SECURITY_FILES_H

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int want(long result, int error)
{
	if (result != -1)
		return error ? EBADE : 0;
	return errno == error ? 0 : errno;
}

/* The program's own folder, by which its paths are known to the test. */
static const char *own_folder(void)
{
	static char path[64];

	if (!path[0])
		snprintf(path, sizeof(path), "/tmp/security-%d", getpid());
	mkdir(path, 0700);
	return path;
}

static const char *own_path(const char *name)
{
	static char paths[2][128];
	static int next;
	char *path = paths[next ^= 1];

	snprintf(path, sizeof(paths[0]), "%s/%s", own_folder(), name);
	return path;
}

static int make_file(const char *name)
{
	int fd = open(own_path(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	return fd < 0 ? errno : close(fd);
}

/* Leaves nothing behind; reported by the gadget as one more rmdir, so commands end with it. */
static int remove_own_folder(void)
{
	return want(rmdir(own_folder()), 0);
}

static int unlink_files(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = make_file("file");
		if (!error)
			error = want(unlink(own_path("file")), 0);
	}
	return error ? error : remove_own_folder();
}

static int unlink_at(long count)
{
	int folder = open(own_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = make_file("file");
		if (!error)
			error = want(unlinkat(folder, "file", 0), 0);
		if (!error)
			error = want(mkdirat(folder, "folder", 0700), 0);
		if (!error)
			error = want(unlinkat(folder, "folder", AT_REMOVEDIR), 0);
	}
	report(" %d", folder);
	close(folder);
	return error ? error : remove_own_folder();
}

static int remove_folders(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = want(mkdir(own_path("folder"), 0700), 0);
		if (!error)
			error = want(rmdir(own_path("folder")), 0);
	}
	return error ? error : remove_own_folder();
}

static int replace_files(long count)
{
	int error = make_file("old");

	for (long i = 0; i < count && !error; i++) {
		error = make_file("new");
		if (!error)
			error = want(rename(own_path("new"), own_path("old")), 0);
	}
	for (long i = 0; i < count && !error; i++) {
		error = make_file("new");
		if (!error)
			error = want(syscall(SYS_renameat, AT_FDCWD, own_path("new"), AT_FDCWD,
					     own_path("old")),
				     0);
	}
	for (long i = 0; i < count && !error; i++) {
		error = make_file("new");
		if (!error)
			error = want(syscall(SYS_renameat2, AT_FDCWD, own_path("new"), AT_FDCWD,
					     own_path("old"), 0),
				     0);
	}
	if (!error)
		error = want(unlink(own_path("old")), 0);
	return error ? error : remove_own_folder();
}

static int rename_with(const char *from, const char *to, unsigned int flags, int wanted)
{
	return want(syscall(SYS_renameat2, AT_FDCWD, own_path(from), AT_FDCWD, own_path(to), flags),
		    wanted);
}

static int keep_files(long count)
{
	int error = make_file("one");

	if (!error)
		error = make_file("other");
	for (long i = 0; i < count && !error; i++)
		error = rename_with("one", "other", RENAME_NOREPLACE, EEXIST);
	for (long i = 0; i < count && !error; i++)
		error = rename_with("one", "other", RENAME_EXCHANGE, 0);
	if (!error)
		error = want(unlink(own_path("one")), 0);
	if (!error)
		error = want(unlink(own_path("other")), 0);
	return error ? error : remove_own_folder();
}

static int unlink_missing(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		error = want(unlink("/nonexistent/by-security"), ENOENT);
	return error;
}

/* The longest path that the kernel takes, and one byte more. */
static int unlink_long_path(long count)
{
	char path[4097] = "/nonexistent";
	int error = 0;

	for (size_t i = strlen(path); i < 4096; i++)
		path[i] = i % 128 ? 'x' : '/';
	for (long i = 0; i < count && !error; i++) {
		path[4095] = 0;
		error = want(unlink(path), ENOENT);
		path[4095] = 'x';
		if (!error)
			error = want(unlink(path), ENAMETOOLONG);
	}
	return error;
}

#endif /* SECURITY_FILES_H */
