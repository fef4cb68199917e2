/* SPDX-License-Identifier: GPL-2.0 */
/* Mounts in a mount namespace of its own. Include security_files.h first. */
#ifndef SECURITY_MOUNTS_H
#define SECURITY_MOUNTS_H

#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* Older headers of libc lack these; the numbers are the same on every architecture. */
#define NR_MOVE_MOUNT 429
#define NR_FSOPEN 430
#define NR_FSCONFIG 431
#define NR_FSMOUNT 432
#define SET_STRING 1
#define CREATE 6
#define FROM_EMPTY_PATH 4

/* Nothing that is mounted here is seen elsewhere, and all of it goes with the process. */
static int own_mounts(long count)
{
	(void)count;
	if (unshare(CLONE_NEWNS))
		return errno;
	return want(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

static const char *mount_point(void)
{
	mkdir(own_path("mnt"), 0700);
	return own_path("mnt");
}

static int remove_mount_point(void)
{
	return want(rmdir(own_path("mnt")), 0) || remove_own_folder();
}

static int mount_new(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = want(mount("fresh", mount_point(), "tmpfs", MS_NOSUID, "size=64k"), 0);
		if (!error)
			error = want(umount(mount_point()), 0);
	}
	return error ? error : remove_mount_point();
}

static int mount_bind(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = want(mount("/tmp", mount_point(), NULL, MS_BIND, NULL), 0);
		if (!error)
			error = want(umount2(mount_point(), MNT_DETACH), 0);
	}
	return error ? error : remove_mount_point();
}

static int mount_again(long count)
{
	int error = want(mount("fresh", mount_point(), "tmpfs", 0, NULL), 0);

	for (long i = 0; i < count && !error; i++)
		error = want(mount(NULL, mount_point(), NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	if (!error)
		error = want(umount(mount_point()), 0);
	return error ? error : remove_mount_point();
}

static int mount_in_steps(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		int context = syscall(NR_FSOPEN, "tmpfs", 0);
		int tree = -1;

		if (context < 0 || syscall(NR_FSCONFIG, context, SET_STRING, "source", "stepped", 0) ||
		    syscall(NR_FSCONFIG, context, CREATE, NULL, NULL, 0))
			return errno;
		tree = syscall(NR_FSMOUNT, context, 0, 0);
		error = want(tree, 0);
		if (!error)
			error = want(syscall(NR_MOVE_MOUNT, tree, "", AT_FDCWD, mount_point(),
					     FROM_EMPTY_PATH),
				     0);
		close(tree);
		close(context);
		if (!error)
			error = want(umount(mount_point()), 0);
	}
	return error ? error : remove_mount_point();
}

static int mount_fails(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		error = want(mount("none", mount_point(), "no_such_type", 0, NULL), ENODEV);
		if (!error)
			error = want(umount("/nonexistent/mount"), ENOENT);
		if (!error)
			error = want(syscall(NR_FSMOUNT, -1, 0, 0), EBADF);
	}
	return error ? error : remove_mount_point();
}

#endif /* SECURITY_MOUNTS_H */
