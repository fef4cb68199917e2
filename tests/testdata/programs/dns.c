// SPDX-License-Identifier: GPL-2.0
/*
 * DNS over UDP, in a network namespace of its own: this process asks, and answers itself from port 53.
 *
 *   ask FAMILY COUNT TYPE NAME    answered with an address of the documentation's
 *   deny FAMILY COUNT CODE NAME   answered with this code, and no address
 *   ignore COUNT NAME             never answered
 *   alias COUNT NAME              answered with a CNAME and its address
 *   late MS NAME                  answered after so long
 *   twice COUNT NAME              answered first with another id, then twice
 *   question HEX                  these bytes behind the header, answered with the code 1
 *   short COUNT                   datagrams that are no whole header
 *
 * FAMILY is 4 or 6; the others use 4.
 */
#pragma GCC diagnostic ignored "-Wunused-function" /* of TCP, in the second header */

#include "workload.h"
#include "network_sockets.h"

#define PORT 53
#define HEADER 12
#define ANSWER 0x8180
#define A 1
#define CNAME 5
#define AAAA 28

static unsigned char message[512];
static size_t used;
static uint16_t next_id;

static void put(const void *bytes, size_t count)
{
	memcpy(message + used, bytes, count);
	used += count;
}

static void put_word(uint16_t word)
{
	unsigned char bytes[] = { word >> 8, word };

	put(bytes, sizeof(bytes));
}

static void begin(void)
{
	used = 0;
	put_word(++next_id);
	put_word(0x0100); /* recursion, please */
	put_word(1);
	put_word(0);
	put_word(0);
	put_word(0);
}

static void put_question(char *name, uint16_t type)
{
	for (char *label = strsep(&name, "."); label; label = strsep(&name, ".")) {
		unsigned char length = strlen(label);

		put(&length, 1);
		put(label, length);
	}
	put("", 1);
	put_word(type);
	put_word(1);
}

/* Of the name that stands at `pointer`. */
static void put_record(uint16_t pointer, uint16_t type, const void *value, uint16_t size)
{
	put_word(0xc000 | pointer);
	put_word(type);
	put_word(1);
	put_word(0);
	put_word(60);
	put_word(size);
	put(value, size);
	message[7]++;
}

static void put_address(uint16_t pointer, uint16_t type)
{
	unsigned char address[16] = { 192, 0, 2, 7 };

	if (type == AAAA)
		inet_pton(AF_INET6, "2001:db8::7", address);
	put_record(pointer, type == AAAA ? AAAA : A, address, type == AAAA ? 16 : 4);
}

static void become_answer(int code)
{
	message[2] = ANSWER >> 8;
	message[3] = (ANSWER & 0xf0) | code;
}

struct ends {
	int client, server;
	struct address peer; /* of the client, once it has asked */
};

static int open_ends(struct ends *ends, const char *family)
{
	struct address address = address_of(family, PORT);
	int type = SOCK_DGRAM | SOCK_CLOEXEC;
	int error = isolate();

	if (error)
		return error;
	ends->server = socket(address.any.sa_family, type, 0);
	ends->client = socket(address.any.sa_family, type, 0);
	if (ends->server < 0 || ends->client < 0 ||
	    bind(ends->server, &address.any, address.size) ||
	    connect(ends->client, &address.any, address.size))
		return errno;
	return 0;
}

static int close_ends(const struct ends *ends, int error)
{
	close(ends->client);
	close(ends->server);
	return error;
}

static int ask(struct ends *ends)
{
	unsigned char taken[sizeof(message)];

	ends->peer.size = sizeof(ends->peer.v6);
	if (send(ends->client, message, used, 0) != (ssize_t)used ||
	    recvfrom(ends->server, taken, sizeof(taken), 0, &ends->peer.any, &ends->peer.size) !=
		    (ssize_t)used)
		return errno ? errno : EPROTO;
	return 0;
}

static int answer(struct ends *ends)
{
	unsigned char taken[sizeof(message)];

	if (sendto(ends->server, message, used, 0, &ends->peer.any, ends->peer.size) !=
		    (ssize_t)used ||
	    recv(ends->client, taken, sizeof(taken), 0) != (ssize_t)used)
		return errno ? errno : EPROTO;
	return 0;
}

static int answer_thrice(struct ends *ends)
{
	int error;

	message[0] ^= 0x80;
	error = answer(ends);
	message[0] ^= 0x80;
	if (!error)
		error = answer(ends);
	return error ? error : answer(ends);
}

/* What stands behind the header of the query is there; the verb says what becomes of it. */
static int exchange(struct ends *ends, const char *verb, long number, uint16_t type)
{
	int error = ask(ends);

	if (error || !strcmp(verb, "ignore"))
		return error;
	become_answer(strcmp(verb, "deny") ? 0 : number);
	if (!strcmp(verb, "late"))
		usleep(number * 1000);
	if (!strcmp(verb, "alias")) {
		uint16_t alias = used + HEADER;

		put_record(HEADER, CNAME, "\5other\4test", sizeof("\5other\4test"));
		put_address(alias, A);
	} else if (strcmp(verb, "deny")) {
		put_address(HEADER, type);
	}
	return strcmp(verb, "twice") ? answer(ends) : answer_thrice(ends);
}

static int ask_often(const char *verb, const char *family, long count, long number, char *name)
{
	uint16_t type = !strcmp(verb, "ask") ? number : A;
	char copy[256];
	struct ends ends;
	int error = open_ends(&ends, family);

	for (long i = 0; i < count && !error; i++) {
		snprintf(copy, sizeof(copy), "%s", name);
		begin();
		put_question(copy, type);
		error = exchange(&ends, verb, number, type);
	}
	return close_ends(&ends, error);
}

static int ask_bytes(const char *hex)
{
	struct ends ends;
	int error = open_ends(&ends, "4");
	unsigned int byte;

	begin();
	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		message[used++] = byte;
	if (!error)
		error = ask(&ends);
	become_answer(1);
	return close_ends(&ends, error ? error : answer(&ends));
}

static int ask_shortly(long count)
{
	struct ends ends;
	int error = open_ends(&ends, "4");

	for (long i = 0; i < count && !error; i++) {
		begin();
		used = HEADER - 1;
		error = ask(&ends);
		become_answer(0);
		if (!error)
			error = answer(&ends);
	}
	return close_ends(&ends, error);
}

static int obey(const char *verb, char *rest)
{
	bool chooses = !strcmp(verb, "ask") || !strcmp(verb, "deny");
	const char *family = chooses ? strsep(&rest, " ") : "4";
	long count, number = 0;

	if (!strcmp(verb, "question"))
		return ask_bytes(rest);
	count = strtol(rest, &rest, 10);
	if (!strcmp(verb, "short"))
		return ask_shortly(count);
	if (chooses)
		number = strtol(rest, &rest, 10);
	rest += *rest == ' ';
	if (!strcmp(verb, "late"))
		return ask_often(verb, family, 1, count, rest);
	return ask_often(verb, family, count, number, rest);
}
