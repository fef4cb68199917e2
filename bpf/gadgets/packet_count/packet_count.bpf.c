// SPDX-License-Identifier: GPL-2.0
/*
 * packet_count: what goes through one network interface, by protocol, address and port.
 *
 * The program is asked for each packet and lets all of them go on to whatever comes next: it looks,
 * and changes nothing.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "socket.bpf.h"

#define ROWS_MAX 16384
#define NAME_SIZE 16 /* IFNAMSIZ */
#define CHOICE_SIZE 12
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define FRAGMENT_OFFSET 0x1fff
#define GO_ON -1 /* TCX_NEXT */

char LICENSE[] SEC("license") = "GPL";

/* Where it is attached: for the manifest, which names them; the program need not know. */
const volatile char interface_name[NAME_SIZE] = {};
const volatile char direction[CHOICE_SIZE] = "ingress";
/* What makes a row: "flow", "address" or "protocol". */
const volatile char group_by[CHOICE_SIZE] = "flow";
const volatile __s32 target_port = -1;

/* As the IP header numbers them; above its numbers, what is not IP. */
enum packet_protocol {
	PROTOCOL_ICMP = 1,
	PROTOCOL_IGMP = 2,
	PROTOCOL_IPIP = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_GRE = 47,
	PROTOCOL_ESP = 50,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_SCTP = 132,
	PROTOCOL_NOT_IP = 256,
};

struct packet_key {
	__u8 source_address[ADDRESS_SIZE];
	__u8 destination_address[ADDRESS_SIZE];
	enum packet_protocol protocol;
	__u16 ether_type;
	__u16 source_port;
	__u16 destination_port;
};

struct packet_row {
	__u64 packets;
	__u64 bytes;
	__u64 segments;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct packet_key);
	__type(value, struct packet_row);
} flows SEC(".maps");

struct ports {
	__be16 source;
	__be16 destination;
};

static __always_inline bool has_ports(enum packet_protocol protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_SCTP;
}

/* Bytes behind the beginning of the IP header. */
static __always_inline bool load(struct __sk_buff *skb, __u32 offset, void *to, __u32 size)
{
	return !bpf_skb_load_bytes_relative(skb, offset, to, size, BPF_HDR_START_NET);
}

static __always_inline void read_ports(struct packet_key *key, struct __sk_buff *skb, __u32 offset)
{
	struct ports ports;

	if (!has_ports(key->protocol) || !load(skb, offset, &ports, sizeof(ports)))
		return;
	key->source_port = bpf_ntohs(ports.source);
	key->destination_port = bpf_ntohs(ports.destination);
}

/* A packet that is shorter than its header says stays without what it lacks. */
static __always_inline void read_packet(struct packet_key *key, struct __sk_buff *skb)
{
	key->ether_type = bpf_ntohs(skb->protocol);
	key->protocol = PROTOCOL_NOT_IP;
	if (key->ether_type == ETH_P_IP) {
		struct iphdr v4;

		if (!load(skb, 0, &v4, sizeof(v4)))
			return;
		key->protocol = v4.protocol;
		map_ipv4(key->source_address, v4.saddr);
		map_ipv4(key->destination_address, v4.daddr);
		if (!(bpf_ntohs(v4.frag_off) & FRAGMENT_OFFSET))
			read_ports(key, skb, v4.ihl * 4);
	} else if (key->ether_type == ETH_P_IPV6) {
		struct ipv6hdr v6;

		if (!load(skb, 0, &v6, sizeof(v6)))
			return;
		key->protocol = v6.nexthdr;
		__builtin_memcpy(key->source_address, &v6.saddr, ADDRESS_SIZE);
		__builtin_memcpy(key->destination_address, &v6.daddr, ADDRESS_SIZE);
		read_ports(key, skb, sizeof(v6));
	}
}

static __always_inline bool is_wanted_port(const struct packet_key *key)
{
	return target_port == -1 || target_port == key->source_port ||
	       target_port == key->destination_port;
}

/* Leaves out what rows are not told apart by. */
static __always_inline void coarsen(struct packet_key *key)
{
	if (group_by[0] == 'f')
		return;
	key->source_port = 0;
	key->destination_port = 0;
	if (group_by[0] == 'a')
		return;
	__builtin_memset(key->source_address, 0, ADDRESS_SIZE);
	__builtin_memset(key->destination_address, 0, ADDRESS_SIZE);
}

static __always_inline struct packet_row *row_of(const struct packet_key *key)
{
	struct packet_row *row = bpf_map_lookup_elem(&flows, key);
	struct packet_row empty = {};

	if (row)
		return row;
	bpf_map_update_elem(&flows, key, &empty, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&flows, key);
	if (!row)
		count_dropped();
	return row;
}

SEC("tc")
int count_packet(struct __sk_buff *skb)
{
	struct packet_row *row;
	struct packet_key key;
	__u32 segments = skb->gso_segs;

	__builtin_memset(&key, 0, sizeof(key)); /* the padding, too */
	read_packet(&key, skb);
	if (!is_wanted_port(&key))
		return GO_ON;
	coarsen(&key);
	row = row_of(&key);
	if (!row)
		return GO_ON;
	__sync_fetch_and_add(&row->packets, 1);
	__sync_fetch_and_add(&row->bytes, skb->len);
	__sync_fetch_and_add(&row->segments, segments ? segments : 1);
	return GO_ON;
}
