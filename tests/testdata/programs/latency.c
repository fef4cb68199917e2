// SPDX-License-Identifier: GPL-2.0
/*
 * Waits of known number and length, for gadgets that measure latencies:
 *
 *   sleep COUNT US    sleeps so often, so long each
 *   relay COUNT       another thread, which waits from the start, wakes this one and is woken by it
 *   burn CPU MS       a child that uses this CPU, beside this process, which does so too
 *   split MS          CPU time: 70 % in spin_most, 20 % in spin_some, 10 % in spin_few; reports
 *                     where they begin, and where the last ends
 *   disk              makes a loop device of its own, in memory; reports its name
 *   write COUNT       direct, of 4096 bytes each, to that device; read COUNT likewise
 *   flush COUNT       flushes it so often
 *   files COUNT       opens, writes, syncs, reads and takes away a file below /tmp; reports its path
 *   absent COUNT      opens /tmp/absent/file, which is not there
 *   slow_open MS      opens a pipe below /tmp whose other side comes that late; reports its path
 *   datagrams CPU COUNT   sent over a loopback interface of its own, on this CPU
 */
#include "workload.h"
#include "loop_disk.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* Stacks are walked by frame pointers. */
#pragma GCC optimize("no-omit-frame-pointer")

#define ROUNDS 5
#define NSEC_PER_SEC 1000000000L

static int to_partner[2], from_partner[2];

static void *answer_bytes(void *unused)
{
	char byte;

	while (read(to_partner[0], &byte, 1) == 1)
		if (write(from_partner[1], &byte, 1) != 1)
			break;
	return unused;
}

__attribute__((constructor)) static void start_partner(void)
{
	pthread_t partner;

	if (pipe(to_partner) || pipe(from_partner) ||
	    pthread_create(&partner, NULL, answer_bytes, NULL))
		abort();
}

static int relay(long count)
{
	char byte = 0;

	for (long i = 0; i < count; i++)
		if (write(to_partner[1], &byte, 1) != 1 || read(from_partner[0], &byte, 1) != 1)
			return errno;
	return 0;
}

static int sleep_often(long count, long microseconds)
{
	struct timespec length = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	for (long i = 0; i < count; i++)
		if (nanosleep(&length, NULL))
			return errno;
	return 0;
}

static int stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus) ? errno : 0;
}

static long cpu_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static volatile unsigned long sink;

/* Until this thread has had that much CPU time; asks for the time seldom. */
#define SPIN_UNTIL(end_ns)                                                                         \
	while (cpu_time_ns() < end_ns)                                                             \
		for (int i_ = 0; i_ < 50000; i_++)                                                 \
			sink += i_

/* In this order in the file, and so in memory. */
__attribute__((noinline, noclone, no_reorder)) static void spin_most(long end_ns)
{
	SPIN_UNTIL(end_ns);
}

__attribute__((noinline, noclone, no_reorder)) static void spin_some(long end_ns)
{
	SPIN_UNTIL(end_ns);
	sink++;
}

__attribute__((noinline, noclone, no_reorder)) static void spin_few(long end_ns)
{
	SPIN_UNTIL(end_ns);
	sink--;
}

__attribute__((noinline, noclone, no_reorder)) static void spin_end(void)
{
	sink = 0;
}

static int split(long milliseconds)
{
	long percent_ns = milliseconds * 10000 / ROUNDS;
	long end = cpu_time_ns();

	for (int round = 0; round < ROUNDS; round++) {
		spin_most(end += 70 * percent_ns);
		spin_some(end += 20 * percent_ns);
		spin_few(end += 10 * percent_ns);
	}
	spin_end();
	report(" %lu %lu %lu %lu", (long)spin_most, (long)spin_some, (long)spin_few,
	       (long)spin_end);
	return 0;
}

static int burn(int cpu, long milliseconds)
{
	int error = stay_on(cpu);
	pid_t child;
	int status;

	if (error)
		return error;
	child = fork();
	if (child < 0)
		return errno;
	spin_most(cpu_time_ns() + milliseconds * 1000000);
	if (child == 0)
		_exit(0);
	return waitpid(child, &status, 0) == child ? 0 : errno;
}

/* The loopback interface of a network namespace that is this process's alone. */
static int make_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, error;

	if (unshare(CLONE_NEWNET))
		return errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	error = ioctl(fd, SIOCSIFFLAGS, &request) ? errno : 0;
	close(fd);
	return error;
}

static int send_datagrams(int cpu, long count)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	char byte = 0;
	int error = stay_on(cpu);
	int fd;

	if (!error)
		error = make_loopback();
	if (error)
		return error;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		return errno;
	for (long i = 0; i < count; i++)
		if (sendto(fd, &byte, 1, 0, (struct sockaddr *)&address, size) != 1 ||
		    recv(fd, &byte, 1, 0) != 1)
			return errno;
	close(fd);
	return 0;
}

#define BLOCK_SIZE PAGE
#define DISK_BLOCKS 256

static int disk = -1;
static char block[BLOCK_SIZE] __attribute__((aligned(BLOCK_SIZE)));

static int make_disk(void)
{
	disk = make_loop_disk(DISK_BLOCKS, O_DIRECT);
	if (disk < 0)
		return errno;
	report(" loop%d", loop_number);
	return 0;
}

static int use_disk(const char *verb, long count)
{
	for (long i = 0; i < count; i++) {
		off_t place = i % DISK_BLOCKS * BLOCK_SIZE;
		ssize_t done = BLOCK_SIZE;

		if (!strcmp(verb, "write"))
			done = pwrite(disk, block, BLOCK_SIZE, place);
		else if (!strcmp(verb, "read"))
			done = pread(disk, block, BLOCK_SIZE, place);
		else if (fsync(disk))
			return errno;
		if (done != BLOCK_SIZE)
			return done < 0 ? errno : EIO;
	}
	return 0;
}

static char own_path[64];

static const char *make_path(const char *name)
{
	char folder[32];

	snprintf(folder, sizeof(folder), "/tmp/latency-%d", getpid());
	mkdir(folder, 0700);
	snprintf(own_path, sizeof(own_path), "%s/%s", folder, name);
	report(" %s", own_path);
	return own_path;
}

static int remove_path(int error)
{
	if (unlink(own_path))
		return errno;
	*strrchr(own_path, '/') = 0;
	return rmdir(own_path) ? errno : error;
}

static int use_files(long count)
{
	const char *path = make_path("file");
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0 || write(fd, "ten bytes.", 10) != 10 || fsync(fd) ||
		    pread(fd, block, sizeof(block), 0) != 10)
			error = errno;
		close(fd);
	}
	return remove_path(error);
}

static int open_absent(long count)
{
	for (long i = 0; i < count; i++)
		if (open("/tmp/absent/file", O_RDONLY | O_CLOEXEC) >= 0 || errno != ENOENT)
			return EEXIST;
	return 0;
}

static void *open_late(void *milliseconds)
{
	usleep((long)milliseconds * 1000);
	close(open(own_path, O_WRONLY | O_CLOEXEC));
	return NULL;
}

static int open_slowly(long milliseconds)
{
	const char *path = make_path("pipe");
	pthread_t other;
	int fd;

	if (mkfifo(path, 0600) ||
	    pthread_create(&other, NULL, open_late, (void *)milliseconds))
		return errno;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	pthread_join(other, NULL);
	close(fd);
	return remove_path(0);
}

static int obey(const char *verb, char *rest)
{
	long first = strtol(rest, &rest, 10);
	long second = strtol(rest, &rest, 10);

	if (!strcmp(verb, "sleep"))
		return sleep_often(first, second);
	if (!strcmp(verb, "relay"))
		return relay(first);
	if (!strcmp(verb, "burn"))
		return burn(first, second);
	if (!strcmp(verb, "split"))
		return split(first);
	if (!strcmp(verb, "files"))
		return use_files(first);
	if (!strcmp(verb, "absent"))
		return open_absent(first);
	if (!strcmp(verb, "slow_open"))
		return open_slowly(first);
	if (!strcmp(verb, "disk"))
		return make_disk();
	if (!strcmp(verb, "write") || !strcmp(verb, "read") || !strcmp(verb, "flush"))
		return use_disk(verb, first);
	if (!strcmp(verb, "datagrams"))
		return send_datagrams(first, second);
	return EINVAL;
}
