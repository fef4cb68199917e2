// SPDX-License-Identifier: GPL-2.0
/*
 * TCP between sockets of its own, in a network namespace of its own, over its loopback: nothing
 * else is there, so the namespace's counters are those of the commands.
 *
 *   connect COUNT FAMILY    connections (4, 6, or mapped: IPv4 by IPv6 sockets) that are accepted
 *   refused COUNT           to a port where nobody listens
 *   again COUNT             the same without waiting, and connect once more, for the result
 *   unreachable COUNT       to an address without a route
 *   no_port COUNT           from the only port there is, which is taken
 *   silent COUNT            to a listener that drops every packet, until they have timed out
 *   unheard COUNT           from sockets that drop the answers, until they have timed out
 *   abandoned COUNT         to a listener that drops every packet, closed at once
 *   transfer COUNT OUT IN   connections that carry OUT bytes and IN bytes back, then are closed
 *   hold COUNT OUT          the same, but they stay open
 *   release COUNT IN        carries IN bytes back over those, then closes them
 *   lose COUNT              sends over those, whose receivers drop it twice or more
 *   reset COUNT OUT         connections that carry OUT bytes, then are reset by the caller
 *   lossy COUNT             connections whose receiver drops packets until some came twice
 *   echo COUNT              COUNT times a byte to and fro over one connection
 *   corrupt COUNT           packets with a wrong checksum
 *   counter NAME            a counter of TCP in /proc/net/snmp: RetransSegs, OutRsts
 *   netns 0                 the inode of the network namespace
 *
 * Those up to `abandoned` answer the port that was called; then `silent`, `unheard` and `lossy`,
 * what was sent again (by TCP_INFO) and what sockets dropped (by SO_MEMINFO); `echo` the
 * ports of both ends, and the packets that each received while established.
 */
#include "workload.h"
#include "network_sockets.h"

#define MAX_CONNECTIONS 256

static int connect_all(long count, const char *family)
{
	int listener = listen_on(family);
	struct address address = address_of(family, port_of(listener));

	if (listener < 0)
		return errno;
	report(" %u", port_of(listener));
	for (long i = 0; i < count; i++) {
		int error, peer;
		int fd = call(&address, 0, &error);

		if (fd < 0 || error)
			return error ? error : errno;
		peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		close(fd);
		close(peer);
	}
	close(listener);
	return settle();
}

static int refused(long count)
{
	struct address address = address_of("4", closed_port());

	report(" %u", ntohs(address.v4.sin_port));
	return call_each(count, &address, 0, ECONNREFUSED);
}

static int again(long count)
{
	struct address address = address_of("4", closed_port());

	report(" %u", ntohs(address.v4.sin_port));
	for (long i = 0; i < count; i++) {
		int error;
		int fd = call(&address, SOCK_NONBLOCK, &error);
		struct pollfd ready = { .fd = fd, .events = POLLOUT };

		if (fd < 0 || error != EINPROGRESS)
			return EPROTO;
		if (poll(&ready, 1, -1) < 0 || !connect(fd, &address.any, address.size) ||
		    errno != ECONNREFUSED)
			return errno;
		close(fd);
	}
	return 0;
}

static int unreachable(long count)
{
	struct address address = address_of("4", 9);

	inet_pton(AF_INET, "192.0.2.1", &address.v4.sin_addr);
	report(" 9");
	return call_each(count, &address, 0, ENETUNREACH);
}

static int set_port_range(const char *range)
{
	int fd = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, range, strlen(range)) == (ssize_t)strlen(range);
	int error = written ? 0 : errno;

	close(fd);
	return error;
}

static int no_port(long count)
{
	int listener = listen_on("4");
	struct address address = address_of("4", port_of(listener));
	int error = set_port_range("20000 20000");
	int first;

	if (error)
		return error;
	report(" %u", port_of(listener));
	first = call(&address, 0, &error);
	if (first < 0 || error)
		return error ? error : errno;
	error = call_each(count, &address, 0, EADDRNOTAVAIL);
	close(first);
	close(listener);
	return error ? error : set_port_range("32768 60999");
}

/* Sums up what the sockets have sent again. */
static uint32_t retransmissions(const int *sockets, long count)
{
	uint32_t sum = 0;

	for (long i = 0; i < count; i++)
		sum += info_of(sockets[i]).tcpi_total_retrans;
	return sum;
}

/* Calls without waiting; everything that arrives at the listener, or at the caller, is dropped. */
static int call_deaf(long count, int *sockets, int listener, bool caller)
{
	struct address address = address_of("4", port_of(listener));
	int error = count > MAX_CONNECTIONS ? EINVAL : 0;
	int once = 1;

	if (!error && !caller)
		error = drop_all(listener);
	for (long i = 0; i < count && !error; i++) {
		sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		setsockopt(sockets[i], IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once));
		if (caller)
			error = drop_all(sockets[i]);
		if (!error && connect(sockets[i], &address.any, address.size) &&
		    errno != EINPROGRESS)
			error = errno;
	}
	return error;
}

/* Waits until each has timed out. */
static int time_out(long count, const int *sockets)
{
	for (long i = 0; i < count; i++) {
		struct pollfd failed = { .fd = sockets[i] };
		int error = 0;
		socklen_t size = sizeof(error);

		if (poll(&failed, 1, -1) != 1)
			return errno;
		getsockopt(sockets[i], SOL_SOCKET, SO_ERROR, &error, &size);
		if (error != ETIMEDOUT)
			return EPROTO;
	}
	return 0;
}

static int call_in_vain(long count, bool caller)
{
	int listener = listen_on("4");
	int sockets[MAX_CONNECTIONS];
	uint32_t dropped = 0;
	int error = call_deaf(count, sockets, listener, caller);

	if (!error)
		error = time_out(count, sockets);
	if (error)
		return error;
	for (long i = 0; i < count && caller; i++)
		dropped += drops_of(sockets[i]);
	report(" %u", port_of(listener));
	report(" %u %u", retransmissions(sockets, count), dropped + drops_of(listener));
	for (long i = 0; i < count; i++)
		close(sockets[i]);
	close(listener);
	return 0;
}

static int abandoned(long count)
{
	int listener = listen_on("4");
	int sockets[MAX_CONNECTIONS];
	int error = call_deaf(count, sockets, listener, false);

	for (long i = 0; i < count && !error; i++)
		close(sockets[i]);
	report(" %u", port_of(listener));
	close(listener);
	return error;
}

static int transfer(long count, long out, long in)
{
	for (long i = 0; i < count; i++) {
		struct pair pair;
		int error = open_pair("4", &pair);

		if (!error)
			error = carry(pair.client, pair.server, out);
		if (!error)
			error = carry(pair.server, pair.client, in);
		if (error)
			return error;
		close(pair.client);
		close(pair.server);
	}
	return settle();
}

static struct pair held[MAX_CONNECTIONS];

static int hold(long count, long out)
{
	int error = count > MAX_CONNECTIONS ? EINVAL : 0;

	for (long i = 0; i < count && !error; i++) {
		error = open_pair("4", &held[i]);
		if (!error)
			error = carry(held[i].client, held[i].server, out);
	}
	return error;
}

static int release(long count, long in)
{
	int error = count > MAX_CONNECTIONS ? EINVAL : 0;

	for (long i = 0; i < count && !error; i++) {
		error = carry(held[i].server, held[i].client, in);
		close(held[i].client);
		close(held[i].server);
	}
	return error ? error : settle();
}

static int reset(long count, long out)
{
	struct linger at_once = { .l_onoff = 1 };

	for (long i = 0; i < count; i++) {
		struct pair pair;
		int error = open_pair("4", &pair);

		if (!error)
			error = carry(pair.client, pair.server, out);
		if (error)
			return error;
		setsockopt(pair.client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(pair.client);
		recv(pair.server, &error, sizeof(error), 0); /* fails, after the reset has come */
		close(pair.server);
	}
	return settle();
}

/* Sends 4 bytes over a connection whose receiver drops them until they came twice more. */
static int lose(const struct pair *pair)
{
	int ignored = 0;
	int error = drop_all(pair->server);

	if (!error && send(pair->client, "lost", 4, 0) != 4)
		error = errno;
	if (!error)
		error = wait_for(pair->client, false);
	setsockopt(pair->server, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof(ignored));
	return error ? error : wait_for(pair->client, true);
}

static int lose_held(long count)
{
	uint32_t resent = 0;

	for (long i = 0; i < count; i++) {
		int error = lose(&held[i]);

		if (error)
			return error;
		resent += info_of(held[i].client).tcpi_total_retrans;
	}
	report(" %u", resent);
	return 0;
}

static int lossy(long count)
{
	uint32_t resent = 0, dropped = 0;

	for (long i = 0; i < count; i++) {
		struct pair pair;
		int error = open_pair("4", &pair);

		if (!error)
			error = lose(&pair);
		if (error)
			return error;
		resent += info_of(pair.client).tcpi_total_retrans;
		dropped += drops_of(pair.server);
		close(pair.client);
		close(pair.server);
	}
	report(" %u %u", resent, dropped);
	return settle();
}

/*
 * The packets that each end received while it was established: all but those of the handshake (the
 * SYN-ACK here, the SYN and the ACK there), with the FIN where the other end is closed first.
 */
static int echo(long count)
{
	struct pair pair;
	int error = open_pair("4", &pair);
	uint32_t received;
	char none;

	for (long i = 0; i < count && !error; i++) {
		error = carry(pair.client, pair.server, 1);
		if (!error)
			error = carry(pair.server, pair.client, 1);
	}
	if (error)
		return error;
	report(" %u %u", port_of(pair.client), port_of(pair.server));
	received = info_of(pair.client).tcpi_segs_in - 1;
	close(pair.client);
	if (recv(pair.server, &none, sizeof(none), 0))
		return EPROTO;
	report(" %u %u", received, info_of(pair.server).tcpi_segs_in - 2);
	close(pair.server);
	return settle();
}

static int obey(const char *verb, char *rest)
{
	const char *name = strsep(&rest, " ");
	const char *second = rest ? strsep(&rest, " ") : "0";
	const char *third = rest ? strsep(&rest, " ") : "0";
	long count = atol(name);
	int error = isolate();

	if (error)
		return error;
	if (!strcmp(verb, "connect"))
		return connect_all(count, second);
	if (!strcmp(verb, "refused"))
		return refused(count);
	if (!strcmp(verb, "again"))
		return again(count);
	if (!strcmp(verb, "unreachable"))
		return unreachable(count);
	if (!strcmp(verb, "no_port"))
		return no_port(count);
	if (!strcmp(verb, "silent"))
		return call_in_vain(count, false);
	if (!strcmp(verb, "unheard"))
		return call_in_vain(count, true);
	if (!strcmp(verb, "abandoned"))
		return abandoned(count);
	if (!strcmp(verb, "transfer"))
		return transfer(count, atol(second), atol(third));
	if (!strcmp(verb, "hold"))
		return hold(count, atol(second));
	if (!strcmp(verb, "release"))
		return release(count, atol(second));
	if (!strcmp(verb, "reset"))
		return reset(count, atol(second));
	if (!strcmp(verb, "lose"))
		return lose_held(count);
	if (!strcmp(verb, "lossy"))
		return lossy(count);
	if (!strcmp(verb, "echo"))
		return echo(count);
	if (!strcmp(verb, "corrupt"))
		return corrupt(count);
	if (!strcmp(verb, "netns"))
		return namespace();
	if (!strcmp(verb, "counter"))
		return counter(name);
	return EINVAL;
}
