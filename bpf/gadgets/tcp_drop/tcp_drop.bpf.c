// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_drop: every TCP packet that the kernel throws away, and its reason in the kernel's own words.
 *
 * The numbers of the reasons differ from release to release. Their names come from the BTF of the
 * kernel that runs: bpf_snprintf_btf writes an enumerator's name, once for each reason.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "socket.bpf.h"
#include "socket_owner.bpf.h"
#include "learn_owners.bpf.h"

#define REASONS_MAX 256
#define REASON_SIZE 48
#define REASON_PREFIX 16 /* SKB_DROP_REASON_ */
#define RING_SIZE (512 * 1024)
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define FRAGMENT_OFFSET 0x1fff

char LICENSE[] SEC("license") = "GPL";

const volatile __s32 target_port = -1;

struct drop_event {
	TASK_FIELDS; /* of who used the socket last, where there is a socket */
	__u8 source_address[ADDRESS_SIZE];
	__u8 destination_address[ADDRESS_SIZE];
	__u16 source_port;
	__u16 destination_port;
	__u32 netns;
	__u32 packet_bytes; /* as the IP header says */
	__u32 reason_number;
	enum socket_state state;
	__u8 tcp_flags;
	bool owner_known;
	char reason[REASON_SIZE];
};

struct drop_event *drop_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

struct reason_name {
	char text[REASON_SIZE];
};

/* By reason, written when it is first met. Who comes second writes the same. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, REASONS_MAX);
	__type(key, __u32);
	__type(value, struct reason_name);
} names SEC(".maps");

static __always_inline void fill_reason(struct drop_event *event, __u32 reason)
{
	struct reason_name *name = bpf_map_lookup_elem(&names, &reason);
	struct btf_ptr value = {
		.ptr = &reason,
		.type_id = bpf_core_type_id_kernel(enum skb_drop_reason),
	};

	event->reason_number = reason;
	if (!name) {
		/* A reason of a subsystem, as of 6.4: its names are not in this enum. */
		bpf_snprintf_btf(event->reason, REASON_SIZE, &value, sizeof(value),
				 BTF_F_COMPACT | BTF_F_NONAME | BTF_F_ZERO);
		return;
	}
	if (!name->text[0])
		bpf_snprintf_btf(name->text, REASON_SIZE, &value, sizeof(value),
				 BTF_F_COMPACT | BTF_F_NONAME | BTF_F_ZERO);
	/* "SKB_D…": not of the two that name no drop. */
	if (name->text[4] == 'D')
		bpf_probe_read_kernel_str(event->reason, REASON_SIZE - REASON_PREFIX,
					  name->text + REASON_PREFIX);
	else
		__builtin_memcpy(event->reason, name->text, REASON_SIZE);
}

/* Fills what the headers say. False for what is not TCP, or not the first of its fragments. */
static __always_inline bool fill_packet(struct drop_event *event, const struct sk_buff *skb)
{
	__u16 protocol = bpf_ntohs(BPF_CORE_READ(skb, protocol));
	const void *ip = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	const void *transport;
	struct tcphdr tcp;

	if (protocol == ETH_P_IP) {
		struct iphdr v4;

		if (bpf_probe_read_kernel(&v4, sizeof(v4), ip))
			return false;
		if (v4.version != 4 || v4.protocol != IPPROTO_TCP)
			return false;
		if (bpf_ntohs(v4.frag_off) & FRAGMENT_OFFSET)
			return false;
		map_ipv4(event->source_address, v4.saddr);
		map_ipv4(event->destination_address, v4.daddr);
		event->packet_bytes = bpf_ntohs(v4.tot_len);
		transport = ip + v4.ihl * 4;
	} else if (protocol == ETH_P_IPV6) {
		struct ipv6hdr v6;

		if (bpf_probe_read_kernel(&v6, sizeof(v6), ip))
			return false;
		if (v6.version != 6 || v6.nexthdr != IPPROTO_TCP)
			return false;
		__builtin_memcpy(event->source_address, &v6.saddr, ADDRESS_SIZE);
		__builtin_memcpy(event->destination_address, &v6.daddr, ADDRESS_SIZE);
		event->packet_bytes = bpf_ntohs(v6.payload_len) + sizeof(v6);
		transport = ip + sizeof(v6);
	} else {
		return false;
	}
	if (bpf_probe_read_kernel(&tcp, sizeof(tcp), transport))
		return false;
	event->source_port = bpf_ntohs(tcp.source);
	event->destination_port = bpf_ntohs(tcp.dest);
	bpf_probe_read_kernel(&event->tcp_flags, 1, transport + 13);
	return true;
}

static __always_inline __u32 netns_of_packet(const struct sk_buff *skb, const struct sock *sk)
{
	return sk ? netns_of(sk) : BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
}

static __always_inline bool is_wanted_packet(const struct drop_event *event)
{
	if (target_port != -1 && target_port != event->source_port &&
	    target_port != event->destination_port)
		return false;
	return !target_netns || target_netns == event->netns;
}

/* True if a filter asks for what only a socket can tell. */
static __always_inline bool asks_for_socket(void)
{
	return target_pid != -1 || target_tid != -1 || target_uid != -1 || target_comm[0] ||
	       target_cgroup;
}

/* `sk` is NULL, or a whole socket: neither a request nor what is left in TIME_WAIT. */
static __always_inline void report_drop(const struct sk_buff *skb, const struct sock *sk,
					enum socket_state state, __u32 reason)
{
	struct socket_owner *owner = sk ? find_owner(sk) : NULL;
	struct drop_event event;

	__builtin_memset(&event, 0, sizeof(event));
	if (!fill_packet(&event, skb))
		return;
	event.netns = netns_of_packet(skb, sk);
	if (!is_wanted_packet(&event))
		return;
	if (sk) {
		if (!is_wanted_owner(sk, owner))
			return;
		fill_owner(&event, sk, owner);
	} else {
		if (asks_for_socket() || !is_wanted_cpu())
			return;
		event.timestamp_ns = bpf_ktime_get_ns();
	}
	event.state = state;
	fill_reason(&event, reason);
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_dropped();
}

SEC("raw_tp/kfree_skb")
int BPF_PROG(on_drop, const struct sk_buff *skb, void *location, enum skb_drop_reason reason)
{
	const struct sock *sk = BPF_CORE_READ(skb, sk);
	enum socket_state state = STATE_UNKNOWN;

	if (gives_receiver() && !sk)
		sk = (const struct sock *)ctx[3];
	if (sk) {
		state = BPF_CORE_READ(sk, __sk_common.skc_state);
		if (state == STATE_TIME_WAIT || state == STATE_NEW_SYN_RECV || !is_tcp(sk))
			sk = NULL;
	}
	report_drop(skb, sk, state, reason);
	return 0;
}
