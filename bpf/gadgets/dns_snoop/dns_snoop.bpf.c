// SPDX-License-Identifier: GPL-2.0
/*
 * dns_snoop: every DNS query that a process of this host sends by UDP, and its answer.
 *
 * A query is seen where it leaves: the packet has its socket there, and mostly the current task is
 * the one that sends. An answer is seen where it comes in, in whatever task is interrupted then, and
 * takes from its query whose it is. What the two say is read by dns_message.h.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "socket.bpf.h"
#include "owned_by.bpf.h"
#include "softirq.bpf.h"
#include "dns_message.h"

#define QUERIES_MAX 4096
#define QUESTION_TAIL 4 /* its type and class */
#define RING_SIZE (512 * 1024)
#define NSEC_PER_USEC 1000ULL
/* One packet passes several devices, as vlan and its lower one, in less time than this. */
#define SAME_PACKET_NS 1000000ULL
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define FRAGMENT_OFFSET 0x1fff

char LICENSE[] SEC("license") = "GPL";

const volatile __u16 server_port = 53;
const volatile bool only_failed = false;
const volatile __u64 min_latency_us = 0;

enum dns_kind {
	DNS_QUERY,
	DNS_ANSWER,
};

struct dns_event {
	TASK_FIELDS; /* of who has asked */
	__u64 latency_ns;
	__u8 client_address[ADDRESS_SIZE];
	__u8 server_address[ADDRESS_SIZE];
	__u8 first_address[ADDRESS_SIZE];
	enum dns_kind kind;
	enum dns_type type;
	enum dns_rcode rcode;
	__u32 netns;
	__u16 client_port;
	__u16 id;
	__u16 answers;
	__u16 message_bytes;
	bool owner_known;
	bool truncated;
	bool name_cut;
	char name[DNS_NAME_SIZE];
};

/* Only the used part of `name` is sent, so the record ends where it ends. */
#define EVENT_HEAD_SIZE __builtin_offsetof(struct dns_event, name)

struct dns_event *dns_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

struct query_key {
	__u8 client_address[ADDRESS_SIZE];
	__u8 server_address[ADDRESS_SIZE];
	__u32 netns;
	__u16 client_port;
	__u16 id;
};

struct query {
	__u64 packet; /* where it is in memory */
	__u64 name_bytes; /* of the event's name, its end included */
	__u32 question_end; /* where the answers begin in what repeats the question */
	struct dns_event event;
};

/* Queries that wait for their answer. A full map forgets those that were asked longest ago. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, QUERIES_MAX);
	__type(key, struct query_key);
	__type(value, struct query);
} queries SEC(".maps");

/* What a program works on; as softirqs are switched off where queries leave, none is interrupted. */
struct dns_work {
	struct dns_message message;
	struct query query;
};

enum work_room {
	ROOM_QUERY,
	ROOM_ANSWER,
	ROOM_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ROOM_COUNT);
	__type(key, __u32);
	__type(value, struct dns_work);
} workspaces SEC(".maps");

/* A datagram: whence and where to. */
struct datagram {
	__u8 source_address[ADDRESS_SIZE];
	__u8 destination_address[ADDRESS_SIZE];
	__u16 source_port;
	__u16 destination_port;
	__u32 payload_bytes;
	__u32 header_bytes; /* of IP and UDP */
};

/* Reads the headers at `ip`. False for what is not UDP, or not the first of its fragments. */
static __always_inline bool read_headers(struct datagram *datagram, const struct sk_buff *skb,
					 const void *ip)
{
	__u16 protocol = bpf_ntohs(BPF_CORE_READ(skb, protocol));
	struct udphdr udp;
	__u16 length;

	if (protocol == ETH_P_IP) {
		struct iphdr v4;

		if (bpf_probe_read_kernel(&v4, sizeof(v4), ip) || v4.version != 4 ||
		    v4.protocol != IPPROTO_UDP || bpf_ntohs(v4.frag_off) & FRAGMENT_OFFSET)
			return false;
		map_ipv4(datagram->source_address, v4.saddr);
		map_ipv4(datagram->destination_address, v4.daddr);
		datagram->header_bytes = v4.ihl * 4;
	} else if (protocol == ETH_P_IPV6) {
		struct ipv6hdr v6;

		if (bpf_probe_read_kernel(&v6, sizeof(v6), ip) || v6.version != 6 ||
		    v6.nexthdr != IPPROTO_UDP)
			return false;
		__builtin_memcpy(datagram->source_address, &v6.saddr, ADDRESS_SIZE);
		__builtin_memcpy(datagram->destination_address, &v6.daddr, ADDRESS_SIZE);
		datagram->header_bytes = sizeof(v6);
	} else {
		return false;
	}
	if (bpf_probe_read_kernel(&udp, sizeof(udp), ip + datagram->header_bytes))
		return false;
	length = bpf_ntohs(udp.len);
	datagram->source_port = bpf_ntohs(udp.source);
	datagram->destination_port = bpf_ntohs(udp.dest);
	datagram->payload_bytes = length > sizeof(udp) ? length - sizeof(udp) : 0;
	datagram->header_bytes += sizeof(udp);
	return true;
}

/* Bytes of a packet from `at` on that stand in one piece; the rest is in pages, out of reach. */
static __always_inline __u32 linear_bytes(const struct sk_buff *skb, const void *at)
{
	const void *data = BPF_CORE_READ(skb, data);
	__s64 bytes = data + BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len) - at;

	return bytes > 0 ? bytes : 0;
}

static __always_inline bool read_message(struct dns_message *message, const struct sk_buff *skb,
					 const struct datagram *datagram, const void *ip)
{
	const void *payload = ip + datagram->header_bytes;
	__u32 bytes = linear_bytes(skb, payload);

	if (bytes > datagram->payload_bytes)
		bytes = datagram->payload_bytes;
	return load_message(message, payload, bytes);
}

static __always_inline void send(struct query *query)
{
	__u64 used = query->name_bytes;

	barrier_var(used);
	if (used > DNS_NAME_SIZE) /* never: for the verifier */
		used = DNS_NAME_SIZE;
	if (bpf_ringbuf_output(&events, &query->event, EVENT_HEAD_SIZE + used, 0))
		count_dropped();
}

static __always_inline struct dns_work *work_in(enum work_room room)
{
	__u32 key = room;

	return bpf_map_lookup_elem(&workspaces, &key);
}

static __always_inline void fill_query(struct dns_event *event, const struct sock *sk,
				       const struct datagram *datagram,
				       const struct socket_owner *owner)
{
	__builtin_memset(event, 0, EVENT_HEAD_SIZE);
	fill_owner(event, sk, owner);
	__builtin_memcpy(event->client_address, datagram->source_address, ADDRESS_SIZE);
	__builtin_memcpy(event->server_address, datagram->destination_address, ADDRESS_SIZE);
	event->client_port = datagram->source_port;
	event->message_bytes = datagram->payload_bytes;
	event->netns = netns_of(sk);
	event->kind = DNS_QUERY;
}

static __always_inline void fill_key(struct query_key *key, const struct dns_event *event)
{
	__builtin_memcpy(key->client_address, event->client_address, ADDRESS_SIZE);
	__builtin_memcpy(key->server_address, event->server_address, ADDRESS_SIZE);
	key->netns = event->netns;
	key->client_port = event->client_port;
	key->id = event->id;
}

/* Its sender, if that is the current task. */
static __always_inline struct socket_owner *sender(struct socket_owner *owner)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	if (!acts_for_itself())
		return NULL;
	owner->pid = pid_tgid >> 32;
	owner->tid = (__u32)pid_tgid;
	bpf_get_current_comm(owner->comm, sizeof(owner->comm));
	return owner;
}

SEC("raw_tp/net_dev_queue")
int BPF_PROG(on_query, const struct sk_buff *skb)
{
	const struct sock *sk = BPF_CORE_READ(skb, sk);
	const void *ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	struct socket_owner current_task = {}, *owner;
	struct datagram datagram = {};
	struct dns_work *work;
	struct query_key key;
	struct query *known;

	if (!sk || !read_headers(&datagram, skb, ip) || datagram.destination_port != server_port)
		return 0;
	owner = sender(&current_task);
	if (!is_wanted_owner(sk, owner) || (target_netns && target_netns != netns_of(sk)))
		return 0;
	work = work_in(ROOM_QUERY);
	if (!work || !read_message(&work->message, skb, &datagram, ip) || is_answer(&work->message))
		return 0;
	fill_query(&work->query.event, sk, &datagram, owner);
	work->query.event.id = message_id(&work->message);
	work->query.event.name_cut = !read_name(&work->message, work->query.event.name);
	work->query.name_bytes = work->message.name_bytes;
	work->query.event.type = question_type(&work->message);
	work->query.question_end = work->message.at + QUESTION_TAIL;
	fill_key(&key, &work->query.event);
	work->query.packet = (__u64)skb;
	known = bpf_map_lookup_elem(&queries, &key);
	if (known && known->packet == (__u64)skb &&
	    work->query.event.timestamp_ns - known->event.timestamp_ns < SAME_PACKET_NS)
		return 0;
	bpf_map_update_elem(&queries, &key, &work->query, BPF_ANY);
	if (!only_failed && !min_latency_us)
		send(&work->query);
	return 0;
}

static __always_inline void report_answer(struct query *query, struct dns_message *message,
					  __u32 payload_bytes)
{
	struct dns_event *event = &query->event;
	__u64 now = bpf_ktime_get_ns();

	event->kind = DNS_ANSWER;
	event->latency_ns = now - event->timestamp_ns;
	event->timestamp_ns = now;
	event->rcode = answer_code(message);
	event->truncated = is_truncated(message);
	event->answers = answer_count(message);
	event->message_bytes = payload_bytes;
	message->at = query->question_end;
	if (!event->name_cut && question_count(message) == 1)
		read_first_address(message, event->first_address);
	if (only_failed && event->rcode == DNS_NOERROR)
		return;
	if (event->latency_ns < min_latency_us * NSEC_PER_USEC)
		return;
	send(query);
}

SEC("raw_tp/netif_receive_skb")
int BPF_PROG(on_answer, const struct sk_buff *skb)
{
	const void *ip = BPF_CORE_READ(skb, data);
	struct datagram datagram = {};
	struct query_key key = {};
	struct dns_work *work;
	struct query *query;

	if (!read_headers(&datagram, skb, ip) || datagram.source_port != server_port)
		return 0;
	work = work_in(ROOM_ANSWER);
	if (!work || !read_message(&work->message, skb, &datagram, ip) || !is_answer(&work->message))
		return 0;
	__builtin_memcpy(key.client_address, datagram.destination_address, ADDRESS_SIZE);
	__builtin_memcpy(key.server_address, datagram.source_address, ADDRESS_SIZE);
	key.netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
	key.client_port = datagram.destination_port;
	key.id = message_id(&work->message);
	query = bpf_map_lookup_elem(&queries, &key);
	if (!query)
		return 0;
	__builtin_memcpy(&work->query, query, sizeof(*query));
	bpf_map_delete_elem(&queries, &key);
	report_answer(&work->query, &work->message, datagram.payload_bytes);
	return 0;
}
