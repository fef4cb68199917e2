/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets of a program's own, in a network namespace of its own, over its loopback. Include
 * workload.h first.
 */
#ifndef NETWORK_SOCKETS_H
#define NETWORK_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/ip.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define BACKLOG 1024
#define STEP_US 1000
#define MAX_STEPS 20000

struct pair {
	int client;
	int server;
};

/* An address of either family. */
struct address {
	socklen_t size;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

static int isolate(void)
{
	static bool isolated;
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (isolated)
		return 0;
	if (unshare(CLONE_NEWNET))
		return errno;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		return errno;
	close(fd);
	isolated = true;
	return 0;
}

static struct address address_of(const char *family, uint16_t port)
{
	struct address address = {};

	if (!strcmp(family, "4")) {
		address.size = sizeof(address.v4);
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(port);
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	} else {
		const char *text = !strcmp(family, "6") ? "::1" : "::ffff:127.0.0.1";

		address.size = sizeof(address.v6);
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons(port);
		inet_pton(AF_INET6, text, &address.v6.sin6_addr);
	}
	return address;
}

static uint16_t port_of(int fd)
{
	struct address address = { .size = sizeof(address.v6) };

	if (getsockname(fd, &address.any, &address.size))
		return 0;
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

/* Makes the socket drop everything that arrives for it. */
static int drop_all(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ? errno : 0;
}

static uint32_t drops_of(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = {};
	socklen_t size = sizeof(memory);

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size);
	return memory[SK_MEMINFO_DROPS];
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = {};
	socklen_t size = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
	return info;
}

static int listen_on(const char *family)
{
	struct address address = address_of(family, 0);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, &address.any, address.size) || listen(fd, BACKLOG))
		return -1;
	return fd;
}

/* A port of 127.0.0.1 where nobody listens. */
static uint16_t closed_port(void)
{
	int fd = listen_on("4");
	uint16_t port = port_of(fd);

	close(fd);
	return port;
}

/* The socket, or -1; `flags` as SOCK_NONBLOCK. The connect's errno is in `error`. */
static int call(const struct address *address, int flags, int *error)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd >= 0)
		*error = connect(fd, &address->any, address->size) ? errno : 0;
	return fd;
}

/* Calls COUNT times; each call must end with `wanted`. */
static int call_each(long count, const struct address *address, int flags, int wanted)
{
	for (long i = 0; i < count; i++) {
		int error;
		int fd = call(address, flags, &error);

		if (fd < 0)
			return errno;
		close(fd);
		if (error != wanted)
			return error ? error : EPROTO;
	}
	return 0;
}

static int open_pair(const char *family, struct pair *pair)
{
	int listener = listen_on(family);
	struct address address = address_of(family, port_of(listener));
	int error;

	if (listener < 0)
		return errno;
	pair->client = call(&address, 0, &error);
	if (pair->client < 0 || error)
		return error ? error : errno;
	pair->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (pair->server < 0)
		return errno;
	close(listener);
	return 0;
}

/* True if no socket of the namespace is between LISTEN and TIME_WAIT. */
static bool is_quiet(const char *table)
{
	FILE *file = fopen(table, "r");
	bool quiet = true;
	unsigned int state;
	char line[512];

	if (!file)
		return true;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*[0-9A-F]:%*x %*[0-9A-F]:%*x %x", &state) == 1 &&
		    state != 0x0a && state != 0x06)
			quiet = false;
	}
	fclose(file);
	return quiet;
}

/* Waits until every connection has ended: softirqs may lag behind the calls that close. */
static int settle(void)
{
	for (int i = 0; i < MAX_STEPS; i++) {
		if (is_quiet("/proc/thread-self/net/tcp") && is_quiet("/proc/thread-self/net/tcp6"))
			return 0;
		usleep(STEP_US);
	}
	return ETIMEDOUT;
}

/* In /proc/net/snmp a line of names precedes the line of their values. */
static int counter(const char *name)
{
	FILE *file = fopen("/proc/thread-self/net/snmp", "r");
	char names[1024], values[1024];

	if (!file)
		return errno;
	while (fgets(names, sizeof(names), file) && fgets(values, sizeof(values), file)) {
		char *next_name = names, *next_value = values;
		char *word, *value;

		if (strncmp(names, "Tcp:", 4))
			continue;
		while ((word = strsep(&next_name, " \n")) && (value = strsep(&next_value, " \n"))) {
			if (!strcmp(word, name))
				report(" %s", value);
		}
	}
	fclose(file);
	return 0;
}

/* Carries `size` bytes, in pieces that both buffers hold. */
static int carry(int from, int to, long size)
{
	char piece[4096] = {};

	while (size > 0) {
		ssize_t length = size < (long)sizeof(piece) ? size : (long)sizeof(piece);

		if (send(from, piece, length, 0) != length)
			return errno;
		if (recv(to, piece, length, MSG_WAITALL) != length)
			return errno;
		size -= length;
	}
	return 0;
}

/* Waits until `client` has sent something twice, or has nothing left to be acknowledged. */
static int wait_for(int client, bool acknowledged)
{
	for (int i = 0; i < MAX_STEPS; i++) {
		int left = 0;

		if (acknowledged && !ioctl(client, SIOCOUTQ, &left) && left == 0)
			return 0;
		if (!acknowledged && info_of(client).tcpi_total_retrans >= 2)
			return 0;
		usleep(STEP_US);
	}
	return ETIMEDOUT;
}

/* Sends packets with a wrong checksum. */
static int corrupt(long count)
{
	struct {
		struct iphdr ip;
		struct tcphdr tcp;
	} packet = {
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP },
		.tcp = { .source = htons(7), .dest = htons(9), .doff = 5, .check = 1 },
	};
	struct address to = address_of("4", 0);
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	packet.ip.tot_len = htons(sizeof(packet));
	packet.ip.saddr = packet.ip.daddr = to.v4.sin_addr.s_addr;
	for (long i = 0; i < count; i++) {
		if (sendto(fd, &packet, sizeof(packet), 0, &to.any, to.size) < 0)
			return errno;
	}
	close(fd);
	return 0;
}

/* Answers the inode of the network namespace. */
static int namespace(void)
{
	struct stat status;

	if (stat("/proc/thread-self/ns/net", &status))
		return errno;
	report(" %lu", (unsigned long)status.st_ino);
	return 0;
}

#endif /* NETWORK_SOCKETS_H */
