// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_life: every TCP connection when it ends: how long it was there, what it carried.
 *
 * A socket that has been connected goes to CLOSE exactly once, from whatever state. What it carried
 * is taken from the kernel's own counters of it at that moment, so connections from before the
 * gadget started are told too, only without their duration.
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

#define LIVES_MAX 16384
#define RING_SIZE (512 * 1024)
#define SRTT_SHIFT 3 /* the kernel keeps eight times the smoothed round trip time */

char LICENSE[] SEC("license") = "GPL";

const volatile __u64 min_duration_us = 0;

enum connection_role {
	ROLE_UNKNOWN, /* it was there before the gadget */
	ROLE_CLIENT, /* this end called */
	ROLE_SERVER,
};

struct life_event {
	TASK_FIELDS; /* of who used the socket last; `timestamp_ns`: of the end */
	__u64 duration_ns;
	__u64 sent_bytes;
	__u64 received_bytes;
	__u64 retransmitted_bytes;
	SOCKET_FIELDS;
	__u32 retransmits;
	__u32 srtt_us;
	__s32 ret;
	enum connection_role role;
	bool owner_known;
	bool start_seen;
};

struct life_event *life_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

struct life {
	__u64 established_ns;
	enum connection_role role;
};

/* By socket, from SYN_SENT or ESTABLISHED on. Without room, the end comes without the start. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LIVES_MAX);
	__type(key, __u64);
	__type(value, struct life);
} lives SEC(".maps");

static __always_inline void begin_life(const struct sock *sk, int old_state)
{
	struct life life = { .established_ns = bpf_ktime_get_ns(), .role = ROLE_SERVER };
	__u64 key = (__u64)sk;

	/* A socket that has called is there since SYN_SENT, also when both ends have called. */
	if (old_state == TCP_SYN_SENT || bpf_map_lookup_elem(&lives, &key))
		life.role = ROLE_CLIENT;
	bpf_map_update_elem(&lives, &key, &life, BPF_ANY);
}

/* Remembers that this end has called, for a start by way of SYN_RECV. */
static __always_inline void note_call(const struct sock *sk)
{
	struct life life = { .role = ROLE_CLIENT };
	__u64 key = (__u64)sk;

	bpf_map_update_elem(&lives, &key, &life, BPF_ANY);
}

/*
 * The kernel's counters of a connection. bytes_sent has payload only, with what was sent again;
 * bytes_received also counts the peer's FIN, which SOCK_DONE tells of.
 */
static __always_inline void fill_traffic(struct life_event *event, const struct sock *sk)
{
	const struct tcp_sock *tcp = (const struct tcp_sock *)sk;
	__u64 sent = BPF_CORE_READ(tcp, bytes_sent);
	__u64 again = BPF_CORE_READ(tcp, bytes_retrans);
	__u64 received = BPF_CORE_READ(tcp, bytes_received);
	__u64 done = 1ULL << bpf_core_enum_value(enum sock_flags, SOCK_DONE);

	if (received && BPF_CORE_READ(sk, __sk_common.skc_flags) & done)
		received--;
	event->sent_bytes = sent > again ? sent - again : 0;
	event->received_bytes = received;
	event->retransmitted_bytes = again;
	event->retransmits = BPF_CORE_READ(tcp, total_retrans);
	event->srtt_us = BPF_CORE_READ(tcp, srtt_us) >> SRTT_SHIFT;
}

static __always_inline void report_end(const struct sock *sk, const struct life *life)
{
	const struct socket_owner *owner = find_owner(sk);
	struct life_event event;

	if (!is_wanted_owner(sk, owner) || !is_wanted_socket(sk))
		return;
	__builtin_memset(&event, 0, sizeof(event));
	fill_owner(&event, sk, owner);
	fill_socket(&event, sk);
	fill_traffic(&event, sk);
	event.ret = -BPF_CORE_READ(sk, sk_err);
	if (life && life->established_ns) {
		event.start_seen = true;
		event.role = life->role;
		event.duration_ns = event.timestamp_ns - life->established_ns;
	}
	if (event.start_seen && event.duration_ns < min_duration_us * 1000)
		return;
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_dropped();
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(on_state, const struct sock *sk, int old_state, int new_state)
{
	__u64 key = (__u64)sk;

	if (!is_tcp(sk))
		return 0;
	learn_owner(sk);
	if (new_state == TCP_SYN_SENT)
		note_call(sk);
	else if (new_state == TCP_ESTABLISHED)
		begin_life(sk, old_state);
	if (new_state != TCP_CLOSE)
		return 0;
	/* What was never connected has no life to tell of. */
	if (old_state != TCP_SYN_SENT && old_state != TCP_SYN_RECV && old_state != TCP_LISTEN)
		report_end(sk, bpf_map_lookup_elem(&lives, &key));
	bpf_map_delete_elem(&lives, &key);
	forget_owner(sk);
	return 0;
}

/* Data was received: of a connection that was accepted, often the first sign of its owner. */
SEC("raw_tp/tcp_rcv_space_adjust")
int BPF_PROG(on_receive, const struct sock *sk)
{
	learn_owner(sk);
	return 0;
}
