/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame of a program that does what a test tells it (tests/support/workload.ts): it reads
 * commands from stdin, one a line, and answers each with "ok", what the command reported, or
 * "error NUMBER". A program includes this and defines `obey`; what it starts, it waits for.
 *
 *   static int obey(const char *verb, char *rest)
 *
 * gives 0 or an errno; `rest` is what stands behind the verb, never NULL.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int obey(const char *verb, char *rest);

static char workload_answer[4096];

/* Adds values to the answer of the command that runs; begin the format with a space. */
__attribute__((format(printf, 1, 2), unused)) static void report(const char *format, ...)
{
	size_t used = strlen(workload_answer);
	va_list values;

	va_start(values, format);
	vsnprintf(workload_answer + used, sizeof(workload_answer) - used, format, values);
	va_end(values);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		char *rest = line;
		char *verb;
		int error;

		line[strcspn(line, "\n")] = 0;
		verb = strsep(&rest, " ");
		workload_answer[0] = 0;
		error = obey(verb, rest ? rest : line + strlen(line));
		if (error)
			printf("error %d\n", error);
		else
			printf("ok%s\n", workload_answer);
		fflush(stdout);
	}
	return 0;
}

#endif /* WORKLOAD_H */
