// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_retransmit: every packet that TCP sends again, of what connection, and whose.
 *
 * Both tracepoints are where the kernel counts TcpRetransSegs: one for packets of a socket, one for
 * the SYN-ACK of a connection that is not a socket yet. They run in timers and softirqs, so whose
 * the socket is has been learned before.
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

#define RING_SIZE (512 * 1024)
#define FLAG_FIN 0x01
#define FLAG_SYN 0x02
#define SRTT_SHIFT 3 /* the kernel keeps eight times the smoothed round trip time */

char LICENSE[] SEC("license") = "GPL";

enum retransmit_kind {
	RETRANSMIT_DATA,
	RETRANSMIT_SYN,
	RETRANSMIT_SYN_ACK,
	RETRANSMIT_FIN, /* also with data before it */
};

struct retransmit_event {
	TASK_FIELDS; /* of who used the socket last */
	SOCKET_FIELDS;
	__u32 segments;
	__u32 payload_bytes;
	__u32 srtt_us;
	enum retransmit_kind kind;
	enum socket_state state;
	enum tcp_ca_state congestion;
	bool owner_known;
};

struct retransmit_event *retransmit_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

static __always_inline void send_event(const struct retransmit_event *event)
{
	if (bpf_ringbuf_output(&events, (void *)event, sizeof(*event), 0))
		count_dropped();
}

static __always_inline void fill_packet(struct retransmit_event *event, const struct sk_buff *skb)
{
	const struct tcp_skb_cb *packet = (const struct tcp_skb_cb *)&skb->cb;
	/* The low byte only: the field is one byte in older kernels, with another one behind it. */
	__u8 flags = BPF_CORE_READ(packet, tcp_flags);

	event->segments = BPF_CORE_READ(packet, tcp_gso_segs);
	event->payload_bytes = BPF_CORE_READ(skb, len);
	if (flags & FLAG_SYN)
		event->kind = RETRANSMIT_SYN;
	else if (flags & FLAG_FIN)
		event->kind = RETRANSMIT_FIN;
}

SEC("raw_tp/tcp_retransmit_skb")
int BPF_PROG(on_retransmit, const struct sock *sk, const struct sk_buff *skb)
{
	const struct inet_connection_sock *connection = (const struct inet_connection_sock *)sk;
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;
	struct retransmit_event event;
	struct socket_owner *owner;

	learn_owner(sk);
	owner = find_owner(sk);
	if (!is_wanted_owner(sk, owner) || !is_wanted_socket(sk))
		return 0;
	__builtin_memset(&event, 0, sizeof(event));
	fill_owner(&event, sk, owner);
	fill_socket(&event, sk);
	fill_packet(&event, skb);
	event.state = BPF_CORE_READ(sk, __sk_common.skc_state);
	event.congestion = BPF_CORE_READ_BITFIELD_PROBED(connection, icsk_ca_state);
	event.srtt_us = BPF_CORE_READ(tcp, srtt_us) >> SRTT_SHIFT;
	send_event(&event);
	return 0;
}

/* A request has the addresses where a socket has them; all else is its listener's. */
SEC("raw_tp/tcp_retransmit_synack")
int BPF_PROG(on_syn_ack, const struct sock *listener, const struct request_sock *request)
{
	const struct sock *sk = (const struct sock *)request;
	__u16 local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	struct retransmit_event event;
	struct socket_owner *owner = find_owner(listener);

	if (!is_wanted_owner(listener, owner) ||
	    !is_wanted_place(local_port, remote_port_of(sk), netns_of(listener)))
		return 0;
	__builtin_memset(&event, 0, sizeof(event));
	fill_owner(&event, listener, owner);
	fill_addresses(&event, sk);
	event.local_port = local_port;
	event.remote_port = remote_port_of(sk);
	event.netns = netns_of(listener);
	event.segments = 1;
	event.kind = RETRANSMIT_SYN_ACK;
	event.state = STATE_NEW_SYN_RECV;
	send_event(&event);
	return 0;
}
