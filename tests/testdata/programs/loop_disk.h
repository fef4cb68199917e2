/* SPDX-License-Identifier: GPL-2.0 */
/* A block device of a program's own: a loop device, in memory. */
#ifndef LOOP_DISK_H
#define LOOP_DISK_H

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE 4096

static int loop_number;

/* So many pages; it goes with its descriptor, which this gives, or -1 and errno. */
static int make_loop_disk(long pages, int flags)
{
	struct loop_config config = { .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	char path[32];
	int disk;

	loop_number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	if (loop_number < 0)
		return -1;
	close(control);
	snprintf(path, sizeof(path), "/dev/loop%d", loop_number);
	disk = open(path, O_RDWR | O_CLOEXEC | flags);
	config.fd = memfd_create("disk", MFD_CLOEXEC);
	if (disk < 0 || ftruncate(config.fd, pages * PAGE) || ioctl(disk, LOOP_CONFIGURE, &config))
		return -1;
	close(config.fd);
	return disk;
}

#endif /* LOOP_DISK_H */
