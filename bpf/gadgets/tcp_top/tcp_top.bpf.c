// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_top: which TCP connections carry the most, and whose they are.
 *
 * No call is counted. A socket has its own counters of what it has sent and received, and these are
 * looked at where something is sure to follow every change of them: a segment that arrives while it
 * is established (tcp_probe), a read (tcp_rcv_space_adjust), and a change of its state. All of them
 * run with the socket locked, so nobody else writes to its row.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "latency.bpf.h"
#include "socket.bpf.h"
#include "socket_owner.bpf.h"

#define CONNECTIONS_MAX 16384
#define ROWS_MAX 10240
#define SRTT_SHIFT 3 /* the kernel keeps eight times the smoothed round trip time */

char LICENSE[] SEC("license") = "GPL";

struct connection_key {
	SOCKET_FIELDS;
};

struct connection_row {
	__u64 bytes;
	__u64 sent_bytes;
	__u64 received_bytes;
	__u64 cgroup_id;
	__u32 pid;
	__u32 uid;
	__u32 srtt_us;
	char comm[COMM_SIZE];
	bool owner_known;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, struct connection_key);
	__type(value, struct connection_row);
} connections SEC(".maps");

/* What of a socket's traffic is in the table, or from before. */
struct counted {
	__u64 sent;
	__u64 received;
	struct connection_key key; /* to read the addresses once only */
};

/* By socket, from its first sign of life to its end. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CONNECTIONS_MAX);
	__type(key, __u64);
	__type(value, struct counted);
} counted_of SEC(".maps");

/* Payload, what was sent again counted once. */
static __always_inline __u64 sent_of(const struct tcp_sock *tcp)
{
	return tcp->bytes_sent - tcp->bytes_retrans;
}

/* bytes_received also counts the peer's FIN, which SOCK_DONE tells of. */
static __always_inline __u64 received_of(struct sock *sk, const struct tcp_sock *tcp)
{
	__u64 done = 1ULL << bpf_core_enum_value(enum sock_flags, SOCK_DONE);
	__u64 received = tcp->bytes_received;

	return received && sk->__sk_common.skc_flags & done ? received - 1 : received;
}

/*
 * Begins to count a connection that is new, or was there before. Of the latter, what has not been
 * acknowledged was sent just now.
 */
static __always_inline struct counted *begin(struct sock *sk, const struct tcp_sock *tcp,
					     bool is_new)
{
	struct counted fresh = {};
	__u64 key = (__u64)sk;
	struct counted *counted;

	fill_socket(&fresh.key, sk);
	if (!is_new) {
		__u32 unacknowledged = tcp->snd_nxt - tcp->snd_una;

		fresh.received = received_of(sk, tcp);
		fresh.sent = sent_of(tcp);
		if (sk->__sk_common.skc_state == TCP_ESTABLISHED && fresh.sent >= unacknowledged)
			fresh.sent -= unacknowledged;
	}
	bpf_map_update_elem(&counted_of, &key, &fresh, BPF_ANY);
	counted = bpf_map_lookup_elem(&counted_of, &key);
	if (!counted)
		count_dropped();
	return counted;
}

static __always_inline void name_owner(struct connection_row *row, const struct socket_owner *owner)
{
	if (!owner || row->pid == owner->pid)
		return;
	row->pid = owner->pid;
	row->owner_known = true;
	__builtin_memcpy(row->comm, owner->comm, sizeof(row->comm));
}

static __always_inline struct connection_row *row_of(struct sock *sk, struct counted *counted)
{
	struct connection_row *row = bpf_map_lookup_elem(&connections, &counted->key);

	if (!row) {
		struct connection_row fresh = {};

		fresh.cgroup_id = cgroup_id_of_socket(sk);
		fresh.uid = BPF_CORE_READ(sk, sk_uid.val);
		row = lookup_or_make(&connections, &counted->key, &fresh);
	}
	return row;
}

static __always_inline void count(struct sock *sk, const struct tcp_sock *tcp,
				  struct counted *counted)
{
	const struct socket_owner *owner = find_owner(sk);
	__s64 more_sent = sent_of(tcp) - counted->sent;
	__s64 more_received = received_of(sk, tcp) - counted->received;
	struct connection_row *row;

	/* What could not be sent again is in bytes_retrans, and not in bytes_sent: never less. */
	if (more_sent < 0)
		more_sent = 0;
	if (more_received < 0)
		more_received = 0;
	if (!more_sent && !more_received)
		return;
	/* Until it is known whose it is, nothing is taken for counted. */
	if (!is_wanted_owner(sk, owner) && !owner)
		return;
	counted->sent += more_sent;
	counted->received += more_received;
	if (!is_wanted_owner(sk, owner) || !is_wanted_socket(sk))
		return;
	row = row_of(sk, counted);
	if (!row)
		return;
	name_owner(row, owner);
	row->bytes += more_sent + more_received;
	row->sent_bytes += more_sent;
	row->received_bytes += more_received;
	row->srtt_us = tcp->srtt_us >> SRTT_SHIFT;
}

/* An owner that is learned late, as the socket is closed, is named although no more is carried. */
static __always_inline void name_row(const struct sock *sk, const struct counted *counted)
{
	struct connection_row *row = bpf_map_lookup_elem(&connections, &counted->key);

	if (row)
		name_owner(row, find_owner(sk));
}

static __always_inline struct counted *find(struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&counted_of, &key);
}

/* False if this memory was another socket before, whose end was not seen. */
static __always_inline bool is_of(const struct counted *counted, struct sock *sk,
				  const struct tcp_sock *tcp)
{
	return counted->key.local_port == local_port_of(sk) &&
	       counted->key.remote_port == remote_port_of(sk) &&
	       counted->sent <= sent_of(tcp) && counted->received <= received_of(sk, tcp);
}

static __always_inline int look_at(struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct counted *counted = find(sk);

	if (!tcp)
		return 0;
	if (!counted) /* with TCP Fast Open, data comes before the connection is established */
		counted = begin(sk, tcp, sk->__sk_common.skc_state == TCP_SYN_RECV);
	if (counted)
		count(sk, tcp, counted);
	return 0;
}

/* Before the segment is processed. Whatever was sent is acknowledged by one that comes later. */
SEC("tp_btf/tcp_probe")
int BPF_PROG(on_packet, struct sock *sk)
{
	return look_at(sk);
}

/* Data was read, by whoever runs. */
SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(on_receive, struct sock *sk)
{
	learn_owner(sk);
	return look_at(sk);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock *sk, int old_state, int new_state)
{
	struct counted *counted;
	struct tcp_sock *tcp;
	__u64 key = (__u64)sk;

	if (!is_tcp(sk))
		return 0;
	learn_owner(sk);
	tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return 0;
	counted = find(sk);
	if (new_state == TCP_ESTABLISHED) {
		if (!counted || !is_of(counted, sk, tcp))
			begin(sk, tcp, true);
		return 0;
	}
	if (counted) {
		count(sk, tcp, counted);
		name_row(sk, counted);
	}
	if (new_state == TCP_CLOSE) {
		bpf_map_delete_elem(&counted_of, &key);
		forget_owner(sk);
	}
	return 0;
}
