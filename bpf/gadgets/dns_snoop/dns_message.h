/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a DNS message says (RFC 1035): a header, one question, answers. Whoever sends it may have
 * written what he likes: each offset is bounded, each loop has an end.
 *
 * Where it is read is kept in the message, in a map: what is loaded from there is any number to the
 * verifier, so the turns of a loop look alike to it.
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#define DNS_HEADER_SIZE 12
#define DNS_NAME_SIZE 256
#define DNS_READ_MOST 512
#define DNS_LABEL_MOST 63
#define DNS_POINTER 0xc0
#define DNS_LABELS_MOST 128
#define DNS_RECORDS_MOST 8
#define DNS_RECORD_HEAD 10 /* type, class, time to live, length */
#define DNS_IS_ANSWER 0x8000
#define DNS_IS_TRUNCATED 0x0200
#define DNS_CODE_MASK 0xf

enum dns_type {
	DNS_NO_TYPE = 0,
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_NAPTR = 35,
	DNS_DS = 43,
	DNS_DNSKEY = 48,
	DNS_TLSA = 52,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_AXFR = 252,
	DNS_ANY = 255,
	DNS_CAA = 257,
};

enum dns_rcode {
	DNS_NOERROR,
	DNS_FORMERR,
	DNS_SERVFAIL,
	DNS_NXDOMAIN,
	DNS_NOTIMP,
	DNS_REFUSED,
	DNS_YXDOMAIN,
	DNS_YXRRSET,
	DNS_NXRRSET,
	DNS_NOTAUTH,
	DNS_NOTZONE,
};

struct dns_message {
	__u32 bytes; /* of `text` that were read */
	__u32 at; /* where the next thing is read */
	__u32 name_bytes; /* of the question as text, its end included */
	__u8 text[DNS_READ_MOST * 2]; /* twice: a masked offset and what is read there fit in */
};

/* Copies the message; false if that fails, or if there is no whole header. */
static __always_inline bool load_message(struct dns_message *message, const void *from, __u64 bytes)
{
	barrier_var(bytes); /* one register from the bounds to the use */
	if (bytes > DNS_READ_MOST)
		bytes = DNS_READ_MOST;
	if (bytes < DNS_HEADER_SIZE)
		return false;
	message->bytes = bytes;
	message->at = DNS_HEADER_SIZE;
	return !bpf_probe_read_kernel(message->text, bytes, from);
}

/* A byte of the message; 0 behind its end. */
static __always_inline __u8 byte_at(const struct dns_message *message, __u32 at)
{
	return at < message->bytes ? message->text[at & (DNS_READ_MOST - 1)] : 0;
}

static __always_inline __u16 word_at(const struct dns_message *message, __u32 at)
{
	return byte_at(message, at) << 8 | byte_at(message, at + 1);
}

static __always_inline __u16 message_id(const struct dns_message *message)
{
	return word_at(message, 0);
}

static __always_inline bool is_answer(const struct dns_message *message)
{
	return word_at(message, 2) & DNS_IS_ANSWER;
}

static __always_inline bool is_truncated(const struct dns_message *message)
{
	return word_at(message, 2) & DNS_IS_TRUNCATED;
}

static __always_inline enum dns_rcode answer_code(const struct dns_message *message)
{
	return word_at(message, 2) & DNS_CODE_MASK;
}

static __always_inline __u16 question_count(const struct dns_message *message)
{
	return word_at(message, 4);
}

static __always_inline __u16 answer_count(const struct dns_message *message)
{
	return word_at(message, 6);
}

/*
 * What is shown for a byte of a label: small letters, as names are the same in either case, and '?'
 * for what is no sign, or would be taken for the end of the label. A table, as a choice would be two
 * ways for the verifier at each byte. Xor makes '?' of the zeros that stand for the rest.
 */
#define SHOW(byte, sign) [byte] = (sign) ^ '?'
#define SHOW_4(byte, sign)                                                                         \
	SHOW(byte, sign), SHOW(byte + 1, sign + 1), SHOW(byte + 2, sign + 2), SHOW(byte + 3, sign + 3)
#define SHOW_12(byte, sign)                                                                        \
	SHOW_4(byte, sign), SHOW_4(byte + 4, sign + 4), SHOW_4(byte + 8, sign + 8)
#define SHOW_24(byte, sign) SHOW_12(byte, sign), SHOW_12(byte + 12, sign + 12)

static const __u8 shown[256] = {
	SHOW_12('!', '!'),   SHOW('-', '-'), /* not '.' */
	SHOW_12('/', '/'),   SHOW_4(';', ';'),   SHOW('?', '?'),   SHOW('@', '@'),
	SHOW_24('A', 'a'),   SHOW('Y', 'y'),     SHOW('Z', 'z'), /* as below */
	SHOW_12('[', '['),   SHOW_24('g', 'g'),
};

/* Ends the text where the message ends, or the name is too long. */
static __always_inline void cut_name(struct dns_message *message, char *name, __u32 bytes)
{
	__u64 end = bytes;

	barrier_var(end);
	if (message->bytes <= DNS_HEADER_SIZE)
		end = 0;
	if (end > DNS_NAME_SIZE - 1)
		end = DNS_NAME_SIZE - 1;
	message->name_bytes = end + 1;
	name[end] = 0;
}

/*
 * Writes the name of the question as text, its labels with dots between, and leaves `at` behind it.
 * False if it does not end where a name must, or not in what was read: then it is cut there.
 */
static __always_inline bool read_name(struct dns_message *message, char *name)
{
	__u32 start = DNS_HEADER_SIZE + 1; /* of the letters; behind the length of the first label */
	__u8 first = byte_at(message, DNS_HEADER_SIZE);

	message->at = start + first;
	for (__u32 i = 0; i < DNS_NAME_SIZE - 1; i++)
		name[i] = shown[message->text[start + i]] ^ '?';
	if (!first || first > DNS_LABEL_MOST) { /* the root, or no name */
		name[0] = 0;
		message->name_bytes = 1;
		return !first && message->bytes > DNS_HEADER_SIZE;
	}
	for (int i = 0; i < DNS_LABELS_MOST; i++) {
		__u64 end = message->at - start;
		__u8 length = byte_at(message, message->at);

		if (end >= DNS_NAME_SIZE - 1 || message->at >= message->bytes)
			break;
		message->name_bytes = end + 1;
		name[end] = length ? '.' : 0;
		message->at += 1 + length;
		if (!length)
			return true;
		if (length > DNS_LABEL_MOST)
			break;
	}
	cut_name(message, name, message->bytes - start);
	return false;
}

/* Behind read_name. */
static __always_inline enum dns_type question_type(struct dns_message *message)
{
	return word_at(message, message->at);
}

/*
 * The first address among the answers, which begin at `at`; IPv4 as ::ffff:a.b.c.d. Nothing where
 * there is none, or before it a record whose name is not a pointer to one that was there.
 */
static __always_inline void read_first_address(struct dns_message *message, __u8 *address)
{
	__u32 count = answer_count(message);

	for (__u32 i = 0; i < DNS_RECORDS_MOST && i < count; i++) {
		__u32 at = message->at + 2;
		__u16 type = word_at(message, at);
		__u32 length = word_at(message, at + 8);

		if (byte_at(message, message->at) < DNS_POINTER)
			return;
		at += DNS_RECORD_HEAD;
		if (at + length > message->bytes)
			return;
		if (type == DNS_A && length == 4) {
			__be32 v4;

			__builtin_memcpy(&v4, &message->text[at & (DNS_READ_MOST - 1)], 4);
			map_ipv4(address, v4);
			return;
		}
		if (type == DNS_AAAA && length == ADDRESS_SIZE) {
			__builtin_memcpy(address, &message->text[at & (DNS_READ_MOST - 1)],
					 ADDRESS_SIZE);
			return;
		}
		message->at = at + length;
	}
}

#endif /* DNS_MESSAGE_H */
