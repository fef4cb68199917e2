/* SPDX-License-Identifier: GPL-2.0 */
/* Users and groups that are changed; what cannot be undone, in children. Include security_files.h. */
#ifndef SECURITY_IDS_H
#define SECURITY_IDS_H

#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define USER 1234
#define GROUP 4321
#define SETUID_MODE 06755

/* Lets a child do it, `count` times one after the other. The first that fails ends it. */
static int in_children(long count, int (*act)(void))
{
	for (long i = 0; i < count; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(act());
		if (child < 0 || waitpid(child, &status, 0) != child)
			return errno;
		if (status)
			return WIFEXITED(status) ? WEXITSTATUS(status) : EBADE;
	}
	return 0;
}

static int become_user(void)
{
	if (syscall(SYS_setuid, USER))
		return errno;
	return want(syscall(SYS_setuid, 0), EPERM);
}

/* As a group without privileges, the way back is closed too. */
static int become_group(void)
{
	if (syscall(SYS_setgid, GROUP) || syscall(SYS_setregid, GROUP + 1, GROUP + 2))
		return errno;
	return want(syscall(SYS_setreuid, USER + 1, USER + 2), 0);
}

static int ids_setuid(long count)
{
	return in_children(count, become_user);
}

static int ids_group(long count)
{
	return in_children(count, become_group);
}

/* To and fro. */
static int ids_swap(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = want(syscall(SYS_setresuid, -1, USER, -1), 0);
		if (!error)
			error = want(syscall(SYS_setresuid, -1, 0, -1), 0);
		if (!error)
			error = want(syscall(SYS_setresgid, -1, GROUP, -1), 0);
		if (!error)
			error = want(syscall(SYS_setresgid, -1, 0, -1), 0);
	}
	return error;
}

static int ids_fs(long count)
{
	for (long i = 0; i < count; i++) {
		if (syscall(SYS_setfsuid, USER) != 0 || syscall(SYS_setfsuid, 0) != USER ||
		    syscall(SYS_setfsgid, GROUP) != 0 || syscall(SYS_setfsgid, 0) != GROUP)
			return EBADE;
	}
	return 0;
}

static int ids_same(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		error = want(syscall(SYS_setuid, 0), 0);
	return error;
}

/* A copy of this program, which ends at once as its input is empty. */
static int make_copy(const char *path, mode_t mode)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	struct stat about;
	ssize_t copied = 0;
	off_t left;

	if (from < 0 || to < 0 || fstat(from, &about))
		return errno;
	for (left = about.st_size; left > 0; left -= copied) {
		copied = sendfile(to, from, NULL, left);
		if (copied <= 0)
			return EIO;
	}
	if (fchown(to, USER, GROUP) || fchmod(to, mode))
		return errno;
	close(from);
	return close(to);
}

static int start_copy(void)
{
	int nothing[2];

	if (pipe(nothing) || dup2(nothing[0], STDIN_FILENO) < 0)
		return errno;
	close(nothing[1]);
	execl(own_path("copy"), "copy", NULL);
	return errno;
}

static int start_missing(void)
{
	execl("/nonexistent/copy", "copy", NULL);
	return want(-1, ENOENT);
}

static int exec_copies(long count, mode_t mode)
{
	int error;

	own_path("copy"); /* before the fork: named after this process */
	error = make_copy(own_path("copy"), mode);
	if (!error)
		error = in_children(count, start_copy);
	if (!error)
		error = in_children(count, start_missing);
	unlink(own_path("copy"));
	return error ? error : remove_own_folder();
}

static int ids_exec(long count)
{
	return exec_copies(count, SETUID_MODE);
}

static int ids_plain_exec(long count)
{
	return exec_copies(count, 0755);
}

#endif /* SECURITY_IDS_H */
