// SPDX-License-Identifier: GPL-2.0
/*
 * System calls that fail, as many as it is told:
 *
 *   open COUNT        of a path that is not there: openat, ENOENT
 *   threads COUNT     the same in 4 threads at once, COUNT each
 *   connect COUNT     to a port of 127.0.0.1 where nobody listens: ECONNREFUSED; reports the port
 *   read COUNT        from an empty pipe that does not wait: EAGAIN; reports the descriptor
 *   unix COUNT        connect to the path of a socket that is not there: ENOENT
 *   interrupt COUNT   epoll_pwait that a signal ends: EINTR, and a return from its handler
 *   seccomp COUNT     a child whose filter answers getppid with EPERM
 *   compat COUNT      of a path that is not there, by the 32-bit open of x86: ENOENT
 *   processes COUNT   children that each open a path of their own once: ENOENT
 *   succeed COUNT     getppid, which cannot fail
 */
#include "workload.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#define MISSING "/nonexistent/by-failures"
#define THREADS 4
#define COMPAT_OPEN 5 /* asm/unistd_32.h */

static int want(long result, int error)
{
	if (result != -1)
		return EBADE;
	return errno == error ? 0 : errno;
}

static int open_missing(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		error = want(openat(AT_FDCWD, MISSING, O_RDONLY), ENOENT);
	return error;
}

static void *open_in_thread(void *count)
{
	return (void *)(long)open_missing((long)count);
}

static int in_threads(long count)
{
	pthread_t threads[THREADS];
	long failed = 0;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, open_in_thread, (void *)count);
	for (int i = 0; i < THREADS; i++) {
		void *error;

		pthread_join(threads[i], &error);
		failed |= (long)error;
	}
	return failed;
}

/* A port that was free a moment ago: it is bound without anybody listening. */
static int connect_refused(long count)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int bound = socket(AF_INET, SOCK_STREAM, 0);
	int error = 0;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(bound, (struct sockaddr *)&address, size) ||
	    getsockname(bound, (struct sockaddr *)&address, &size))
		return errno;
	for (long i = 0; i < count && !error; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		error = want(connect(fd, (struct sockaddr *)&address, size), ECONNREFUSED);
		close(fd);
	}
	close(bound);
	report(" %d", ntohs(address.sin_port));
	return error;
}

static int connect_unix(long count)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = MISSING ".sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		error = want(connect(fd, (struct sockaddr *)&address, sizeof(address)), ENOENT);
	close(fd);
	return error;
}

static int read_nothing(long count)
{
	int ends[2];
	int error = 0;
	char byte;

	if (pipe2(ends, O_NONBLOCK))
		return errno;
	for (long i = 0; i < count && !error; i++)
		error = want(read(ends[0], &byte, 1), EAGAIN);
	report(" %d", ends[0]);
	close(ends[0]);
	close(ends[1]);
	return error;
}

static void do_nothing(int signal)
{
	(void)signal;
}

/* The signal waits until the call lets it in, so that each call is interrupted once. */
static int interrupt(long count)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct epoll_event event;
	sigset_t blocked, none;
	int fd = epoll_create1(0);
	int error = 0;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (long i = 0; i < count && !error; i++) {
		raise(SIGUSR1);
		error = want(epoll_pwait(fd, &event, 1, -1, &none), EINTR);
	}
	close(fd);
	return error;
}

static int refuse_getppid(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(*filter), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return errno;
	return 0;
}

static int behind_seccomp(long count)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		int error = refuse_getppid();

		for (long i = 0; i < count && !error; i++)
			error = want(syscall(SYS_getppid), EPERM);
		_exit(error);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	return WEXITSTATUS(status);
}

static int compat_open(long count)
{
#ifdef __x86_64__
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int error = 0;

	if (path == MAP_FAILED)
		return errno;
	strcpy(path, MISSING);
	for (long i = 0; i < count && !error; i++) {
		long result;

		asm volatile("int $0x80"
			     : "=a"(result)
			     : "a"(COMPAT_OPEN), "b"(path), "c"(O_RDONLY), "d"(0)
			     : "memory", "r8", "r9", "r10", "r11");
		error = (int)result == -ENOENT ? 0 : EBADE;
	}
	munmap(path, 4096);
	return error;
#else
	(void)count;
	return ENOTSUP;
#endif
}

static int in_processes(long count)
{
	for (long i = 0; i < count; i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			char path[64];

			snprintf(path, sizeof(path), MISSING "/%ld", i);
			_exit(want(openat(AT_FDCWD, path, O_RDONLY), ENOENT));
		}
		if (child < 0 || waitpid(child, &status, 0) != child)
			return errno;
		if (status)
			return EBADE;
	}
	return 0;
}

static int succeed(long count)
{
	for (long i = 0; i < count; i++)
		syscall(SYS_getppid);
	return 0;
}

static int obey(const char *verb, char *rest)
{
	static const struct {
		const char *verb;
		int (*act)(long count);
	} verbs[] = {
		{ "open", open_missing },	  { "threads", in_threads },
		{ "connect", connect_refused },	  { "read", read_nothing },
		{ "unix", connect_unix },	  { "interrupt", interrupt },
		{ "seccomp", behind_seccomp },	  { "compat", compat_open },
		{ "processes", in_processes },	  { "succeed", succeed },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verb, verbs[i].verb))
			return verbs[i].act(atol(rest));
	return EINVAL;
}
