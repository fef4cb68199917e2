// SPDX-License-Identifier: GPL-2.0
/*
 * Functions whose addresses and stacks are known:
 *
 *   where          reports the addresses of innermost, of qsort and of code made at run time
 *   call COUNT     outermost calls middle calls innermost, which calls getppid
 *   map NAME       writes a perf map that gives the made code this name
 */
#include "workload.h"
#include <sys/mman.h>
#include <sys/syscall.h>

#define CODE_BYTES 4096
/* To be compiled with frame pointers, which are what the kernel walks the stacks of processes by. */
#define FRAMED __attribute__((noinline))

int innermost(void);
int middle(void);
int outermost(void);

static void *made;

/* gcc gives no frame to a function that calls none. */
FRAMED static void rest(void)
{
	asm volatile("" ::: "memory");
}

FRAMED int innermost(void)
{
	long result;

	rest();
#if defined(__x86_64__)
	asm volatile("syscall" : "=a"(result) : "a"(SYS_getppid) : "rcx", "r11", "memory");
#else
	result = syscall(SYS_getppid);
#endif
	return result > 0;
}

FRAMED int middle(void)
{
	int result = innermost();

	asm volatile("" ::: "memory"); /* no tail call */
	return result + 1;
}

FRAMED int outermost(void)
{
	int result = middle();

	asm volatile("" ::: "memory");
	return result + 1;
}

static int where(void)
{
	if (!made)
		made = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return errno;
	report(" %p %p %p", (void *)innermost, (void *)qsort, made);
	return 0;
}

static int write_map(const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	if (!*name)
		return unlink(path) ? errno : 0;
	file = fopen(path, "w");
	if (!file)
		return errno;
	fprintf(file, "%lx %x %s\nnot a line\n", (unsigned long)made, CODE_BYTES / 2, name);
	fclose(file);
	return 0;
}

static int obey(const char *verb, char *rest)
{
	if (!strcmp(verb, "where"))
		return where();
	if (!strcmp(verb, "map"))
		return write_map(rest);
	if (strcmp(verb, "call"))
		return EINVAL;
	for (long i = 0; i < atol(rest); i++)
		outermost();
	return 0;
}
