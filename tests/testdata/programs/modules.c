// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel modules, as often as it is told:
 *
 *   garbage COUNT     bytes that are no module, by init_module, with the options "one=1 two": ENOEXEC
 *   descriptor COUNT  finit_module of a bad descriptor: EBADF
 *   absent COUNT      delete_module of one that is not there: ENOENT
 *   long COUNT        init_module with options of 300 bytes: ENOEXEC
 *   again COUNT       finit_module of /modules/veth.ko, which is loaded already: EEXIST
 *   cycle COUNT       veth, unloaded, and loaded from there with finit_module
 *   request COUNT     sockets of a family that the kernel looks for in vain: EAFNOSUPPORT
 */
#include "workload.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define NAME "veth"
#define PATH "/modules/veth.ko"
#define LONG_OPTIONS 300

static int want(long answer, int error)
{
	if (answer >= 0)
		return error ? EEXIST : 0;
	return errno == error ? 0 : errno;
}

static int load_bytes(const char *options)
{
	char bytes[128] = "no module";

	return want(syscall(SYS_init_module, bytes, sizeof(bytes), options), ENOEXEC);
}

static int load_long(void)
{
	char options[LONG_OPTIONS + 1];

	memset(options, 'x', LONG_OPTIONS);
	options[LONG_OPTIONS] = 0;
	return load_bytes(options);
}

static int load_file(int error)
{
	int fd = open(PATH, O_RDONLY | O_CLOEXEC);
	int result = want(syscall(SYS_finit_module, fd, "", 0), error);

	close(fd);
	return result;
}

static int cycle(void)
{
	int error = want(syscall(SYS_delete_module, NAME, O_NONBLOCK), 0);

	return error ? error : load_file(0);
}

static int act(const char *verb)
{
	if (!strcmp(verb, "garbage"))
		return load_bytes("one=1 two");
	if (!strcmp(verb, "descriptor"))
		return want(syscall(SYS_finit_module, -1, "", 0), EBADF);
	if (!strcmp(verb, "absent"))
		return want(syscall(SYS_delete_module, "not_there", O_NONBLOCK), ENOENT);
	if (!strcmp(verb, "long"))
		return load_long();
	if (!strcmp(verb, "again"))
		return load_file(EEXIST);
	if (!strcmp(verb, "cycle"))
		return cycle();
	if (!strcmp(verb, "request"))
		return want(socket(AF_X25, SOCK_SEQPACKET, 0), EAFNOSUPPORT);
	return EINVAL;
}

static int obey(const char *verb, char *rest)
{
	long count = strtol(rest, &rest, 10);
	int error = 0;

	for (long i = 0; i < count && !error; i++)
		error = act(verb);
	return error;
}
