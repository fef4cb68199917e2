/* SPDX-License-Identifier: GPL-2.0 */
/* A child that is traced and looked into. Include security_ids.h first. */
#ifndef SECURITY_TRACES_H
#define SECURITY_TRACES_H

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define NR_PIDFD_OPEN 434
#define NR_PIDFD_GETFD 438
#define NOBODY 4194303 /* above what pid_max is likely to be: no such process */
#define READ_SIZE 64
#define WRITE_SIZE 24

static char looked_at[READ_SIZE];

/* A child that waits to be killed. Its number is reported. */
static pid_t start_victim(void)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	report(" %d", child);
	return child;
}

static int end_victim(pid_t child)
{
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) == child ? 0 : errno;
}

static int trace_child(long count)
{
	pid_t child = start_victim();
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		long word;

		error = want(ptrace(PTRACE_SEIZE, child, NULL, NULL), 0);
		if (!error)
			error = want(ptrace(PTRACE_INTERRUPT, child, NULL, NULL), 0);
		if (!error && waitpid(child, NULL, __WALL) != child)
			error = errno;
		if (!error)
			error = want(syscall(SYS_ptrace, PTRACE_PEEKDATA, child, looked_at, &word), 0);
		if (!error)
			error = want(ptrace(PTRACE_DETACH, child, NULL, NULL), 0);
	}
	end_victim(child);
	return error;
}

static int ask_to_be_traced(void)
{
	return want(ptrace(PTRACE_TRACEME, 0, NULL, NULL), 0);
}

static int trace_me(long count)
{
	return in_children(count, ask_to_be_traced);
}

static int trace_memory(long count)
{
	pid_t child = start_victim();
	char local[READ_SIZE];
	struct iovec to = { local, READ_SIZE };
	struct iovec from = { looked_at, READ_SIZE };
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		to.iov_len = from.iov_len = READ_SIZE;
		if (process_vm_readv(child, &to, 1, &from, 1, 0) != READ_SIZE)
			error = errno ? errno : EBADE;
		to.iov_len = from.iov_len = WRITE_SIZE;
		if (!error && process_vm_writev(child, &to, 1, &from, 1, 0) != WRITE_SIZE)
			error = errno ? errno : EBADE;
	}
	end_victim(child);
	return error;
}

static int trace_descriptors(long count)
{
	pid_t child = start_victim();
	int pidfd = syscall(NR_PIDFD_OPEN, child, 0);
	int error = pidfd < 0 ? errno : 0;

	for (long i = 0; i < count && !error; i++) {
		int fd = syscall(NR_PIDFD_GETFD, pidfd, STDIN_FILENO, 0);

		error = want(fd, 0);
		close(fd);
	}
	close(pidfd);
	end_victim(child);
	return error;
}

static int trace_fails(long count)
{
	struct iovec piece = { looked_at, READ_SIZE };
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = want(ptrace(PTRACE_SEIZE, NOBODY, NULL, NULL), ESRCH);
		if (!error)
			error = want(process_vm_readv(NOBODY, &piece, 1, &piece, 1, 0), ESRCH);
		if (!error)
			error = want(syscall(NR_PIDFD_GETFD, -1, 0, 0), EBADF);
		if (!error) /* a process that it does not trace */
			error = want(ptrace(PTRACE_CONT, getpid(), NULL, NULL), ESRCH);
	}
	return error;
}

#endif /* SECURITY_TRACES_H */
