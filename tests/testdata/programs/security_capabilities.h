/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that need a capability, once each. Include security_ids.h first. */
#ifndef SECURITY_CAPABILITIES_H
#define SECURITY_CAPABILITIES_H

#include <sys/syscall.h>

/* CAP_SYS_BOOT is asked for first; then the call is refused, as no word of it is right. */
static int ask_for_boot(long count, int error)
{
	for (long i = 0; i < count; i++) {
		if (want(syscall(SYS_reboot, 0, 0, 0, NULL), error))
			return EBADE;
	}
	return 0;
}

/* CAP_SYS_CHROOT, to where it is. */
static int ask_for_chroot(long count, int error)
{
	for (long i = 0; i < count; i++) {
		if (want(chroot("/"), error))
			return EBADE;
	}
	return 0;
}

static int caps_there(long count)
{
	return ask_for_boot(count, EINVAL) || ask_for_chroot(count + 1, 0) ? EBADE : 0;
}

/* In a child that is nobody of note; reports it. */
static int caps_missing(long count)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(syscall(SYS_setuid, USER) || ask_for_boot(count, EPERM) ||
		      ask_for_chroot(count + 1, EPERM));
	report(" %d", child);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	return status ? EBADE : 0;
}

#endif /* SECURITY_CAPABILITIES_H */
