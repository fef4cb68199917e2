/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that bind and listen, in a network namespace of their own. Include security_files.h. */
#ifndef SECURITY_SOCKETS_H
#define SECURITY_SOCKETS_H

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BACKLOG 7

static int own_network(long count)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	(void)count;
	if (unshare(CLONE_NEWNET))
		return errno;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		return errno;
	return close(fd);
}

static int bind_loopback(int fd, uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(*port) };
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, size))
		return errno;
	getsockname(fd, (struct sockaddr *)&address, &size);
	*port = ntohs(address.sin_port);
	return 0;
}

/* Reports the ports. */
static int listen_tcp(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		uint16_t port = 0;

		error = bind_loopback(fd, &port);
		if (!error)
			error = want(listen(fd, BACKLOG), 0);
		report(" %u", port);
		close(fd);
	}
	return error;
}

/* Reports the ports. */
static int bind_udp6(long count)
{
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
		socklen_t size = sizeof(address);
		int fd = socket(AF_INET6, SOCK_DGRAM, 0);

		address.sin6_addr = in6addr_loopback;
		error = want(bind(fd, (struct sockaddr *)&address, size), 0);
		getsockname(fd, (struct sockaddr *)&address, &size);
		report(" %u", ntohs(address.sin6_port));
		close(fd);
	}
	return error;
}

/* By path, by abstract name, and by one that the kernel chooses. */
static int bind_unix(long count)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct sockaddr_un hidden = { .sun_family = AF_UNIX, .sun_path = "\0hidden" };
	socklen_t hidden_size = offsetof(struct sockaddr_un, sun_path) + sizeof("\0hidden") - 1;
	int error = 0;

	strcpy(address.sun_path, own_path("socket"));
	for (long i = 0; i < count && !error; i++) {
		int fds[3];

		for (int k = 0; k < 3; k++)
			fds[k] = socket(AF_UNIX, k ? SOCK_DGRAM : SOCK_STREAM, 0);
		error = want(bind(fds[0], (struct sockaddr *)&address, sizeof(address)), 0);
		if (!error)
			error = want(bind(fds[1], (struct sockaddr *)&hidden, hidden_size), 0);
		if (!error)
			error = want(bind(fds[2], (struct sockaddr *)&hidden, sizeof(sa_family_t)), 0);
		for (int k = 0; k < 3; k++)
			close(fds[k]);
		unlink(address.sun_path);
	}
	return error ? error : remove_own_folder();
}

/* A port that is taken, a listen on UDP, and calls on what is no socket. Reports the port. */
static int bind_fails(long count)
{
	int first = socket(AF_INET, SOCK_STREAM, 0);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	uint16_t port = 0;
	int error = bind_loopback(first, &port);

	report(" %u", port);
	for (long i = 0; i < count && !error; i++) {
		int second = socket(AF_INET, SOCK_STREAM, 0);

		error = bind_loopback(second, &port) == EADDRINUSE ? 0 : EBADE;
		close(second);
		if (!error)
			error = want(listen(udp, BACKLOG), EOPNOTSUPP);
		if (!error)
			error = bind_loopback(STDIN_FILENO, &port) == ENOTSOCK ? 0 : EBADE;
		if (!error)
			error = want(listen(-1, BACKLOG), EBADF);
	}
	close(first);
	close(udp);
	return error;
}

/* Of a family that is not reported. */
static int bind_netlink(long count)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int error = 0;

	for (long i = 0; i < count && !error; i++) {
		int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

		error = want(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
		close(fd);
	}
	return error;
}

#endif /* SECURITY_SOCKETS_H */
