/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the gadgets of the network share: a socket's addresses, its network namespace and its
 * control group. Include gadget.bpf.h and what that needs first, and bpf_endian.h.
 */
#ifndef EBPF_MCP_SOCKET_BPF_H
#define EBPF_MCP_SOCKET_BPF_H

#define AF_INET 2
#define AF_INET6 10
#define ADDRESS_SIZE 16

/* As include/net/tcp_states.h numbers them: user space reads these numbers, they do not change. */
enum socket_state {
	STATE_UNKNOWN,
	STATE_ESTABLISHED,
	STATE_SYN_SENT,
	STATE_SYN_RECV,
	STATE_FIN_WAIT1,
	STATE_FIN_WAIT2,
	STATE_TIME_WAIT,
	STATE_CLOSE,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LISTEN,
	STATE_CLOSING,
	STATE_NEW_SYN_RECV,
};

/*
 * kfree_skb gives the receiving socket, which a packet does not yet belong to, as fourth argument
 * since c53795d48ee8 ("net: add rx_sk to trace_kfree_skb", 6.11); its event has a field of it then.
 */
struct trace_event_raw_kfree_skb___compat {
	void *rx_sk;
} __attribute__((preserve_access_index));

static __always_inline bool gives_receiver(void)
{
	struct trace_event_raw_kfree_skb___compat *event = NULL;

	return bpf_core_field_exists(event->rx_sk);
}

/* Filters on the socket, beside those on the task. -1 and 0 mean any. */
const volatile __s32 target_local_port = -1;
const volatile __s32 target_remote_port = -1;
const volatile __u32 target_netns = 0; /* the inode of a network namespace */

/* Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d; ports are in the host's byte order. */
#define SOCKET_FIELDS                                                                              \
	__u8 local_address[ADDRESS_SIZE];                                                          \
	__u8 remote_address[ADDRESS_SIZE];                                                         \
	__u16 local_port;                                                                          \
	__u16 remote_port;                                                                         \
	__u32 netns

static __always_inline void map_ipv4(__u8 *to, __be32 address)
{
	__builtin_memset(to, 0, 10);
	to[10] = 0xff;
	to[11] = 0xff;
	__builtin_memcpy(to + 12, &address, sizeof(address));
}

static __always_inline bool is_tcp(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline __u32 netns_of(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

/*
 * The local port as the packets have it: inet_sport, as a socket that is being closed has given
 * its number (skc_num) back when the change of state is told.
 */
static __always_inline __u16 local_port_of(const struct sock *sk)
{
	return bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
}

static __always_inline __u16 remote_port_of(const struct sock *sk)
{
	return bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

static __always_inline void fill_remote_address(__u8 *to, const struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6)
		bpf_core_read(to, ADDRESS_SIZE, &sk->__sk_common.skc_v6_daddr);
	else
		map_ipv4(to, BPF_CORE_READ(sk, __sk_common.skc_daddr));
}

static __always_inline void fill_local_address(__u8 *to, const struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6)
		bpf_core_read(to, ADDRESS_SIZE, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		map_ipv4(to, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
}

/* Fills the addresses of an event. */
#define fill_addresses(event, sk)                                                                  \
	({                                                                                         \
		fill_local_address((event)->local_address, sk);                                    \
		fill_remote_address((event)->remote_address, sk);                                  \
	})

/* Fills SOCKET_FIELDS of an event. */
#define fill_socket(event, sk)                                                                     \
	({                                                                                         \
		fill_addresses(event, sk);                                                         \
		(event)->local_port = local_port_of(sk);                                           \
		(event)->remote_port = remote_port_of(sk);                                         \
		(event)->netns = netns_of(sk);                                                     \
	})

/* The filters on ports and the network namespace. */
static __always_inline bool is_wanted_place(__u16 local_port, __u16 remote_port, __u32 netns)
{
	if (target_local_port != -1 && target_local_port != local_port)
		return false;
	if (target_remote_port != -1 && target_remote_port != remote_port)
		return false;
	return !target_netns || target_netns == netns;
}

/* The same, asked of a socket. */
static __always_inline bool is_wanted_socket(const struct sock *sk)
{
	return is_wanted_place(local_port_of(sk), remote_port_of(sk), netns_of(sk));
}

/*
 * The control group (v2) that a socket was made in; NULL stands for the root. Until 5.14 the word
 * also held what cgroup v1 had to say, marked by its lowest bits: 8520e224f547 ("bpf, cgroups: Fix
 * cgroup v2 fallback on v1/v2 mixed mode").
 */
static __always_inline struct cgroup *cgroup_of_socket(const struct sock *sk)
{
	__u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word),
			      (const void *)sk + bpf_core_field_offset(sk->sk_cgrp_data));
	return word & 3 ? NULL : (struct cgroup *)word;
}

static __always_inline __u64 cgroup_id_of_socket(const struct sock *sk)
{
	struct cgroup *group = cgroup_of_socket(sk);

	return group ? BPF_CORE_READ(group, kn, id) : 1; /* the inode of a file system's root */
}

#endif /* EBPF_MCP_SOCKET_BPF_H */
