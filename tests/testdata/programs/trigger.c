// SPDX-License-Identifier: GPL-2.0
/*
 * A process that does what it is told, so that a test knows what a tracing program must see.
 * Reads commands from stdin, one a line, and answers each with "ok" or "error NUMBER":
 *
 *   getppid COUNT | getpgid COUNT | getsid COUNT   system calls (getpgid and getsid with id 0)
 *   work COUNT    calls trigger_work(0) to trigger_work(COUNT - 1), for uprobes; each passes the
 *                 USDT probe trigger:work, whose argument is the number
 *   spin MS       uses the CPU, for perf events
 *   connect PORT  a TCP connection to 127.0.0.1, which may be refused
 *   name TEXT     takes TEXT as the process name, whatever bytes it has
 *   exec CASE COUNT   children that exec in a way of exec_cases.c
 */
#define _GNU_SOURCE
#include "exec_cases.h"
#include "usdt.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int trigger_work(int number);

__attribute__((noinline)) int trigger_work(int number)
{
	USDT_PROBE("trigger", "work", number);
	return number * 2;
}

static void repeat(long number, long count)
{
	for (long i = 0; i < count; i++)
		syscall(number, 0);
}

static void work(long count)
{
	volatile int sum = 0;

	for (long i = 0; i < count; i++)
		sum += trigger_work(i);
}

static void spin(long milliseconds)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 <
		 milliseconds);
}

static int connect_to(long port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return errno;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	result = connect(fd, (struct sockaddr *)&address, sizeof(address)) ? errno : 0;
	close(fd);
	return result == ECONNREFUSED ? 0 : result;
}

static int exec_case(char *rest)
{
	const char *name = strsep(&rest, " ");

	return run_exec_case(name, rest ? atol(rest) : 1);
}

static int obey(const char *verb, char *rest)
{
	long count = atol(rest);

	if (!strcmp(verb, "getppid"))
		repeat(SYS_getppid, count);
	else if (!strcmp(verb, "getpgid"))
		repeat(SYS_getpgid, count);
	else if (!strcmp(verb, "getsid"))
		repeat(SYS_getsid, count);
	else if (!strcmp(verb, "work"))
		work(count);
	else if (!strcmp(verb, "spin"))
		spin(count);
	else if (!strcmp(verb, "connect"))
		return connect_to(count);
	else if (!strcmp(verb, "name"))
		prctl(PR_SET_NAME, rest);
	else if (!strcmp(verb, "exec"))
		return exec_case(rest);
	else
		return EINVAL;
	return 0;
}

int main(void)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin)) {
		char *rest = line;
		char *verb;
		int error;

		line[strcspn(line, "\n")] = 0;
		verb = strsep(&rest, " ");
		error = obey(verb, rest ? rest : line + strlen(line));
		if (error)
			printf("error %d\n", error);
		else
			puts("ok");
		fflush(stdout);
	}
	return 0;
}
