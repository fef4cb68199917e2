/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the gadgets of the network share: a socket's addresses, its network namespace, its control
 * group, and whose it is. Include gadget.bpf.h and what that needs first, and bpf_endian.h.
 *
 * Packets are handled in softirqs, which interrupt whoever runs: there the current task says
 * nothing. A TCP socket tells by itself when it can be trusted: `sk_lock.owned` is set while a task
 * is inside a system call on the socket, and is not while a softirq works on it. Such a task is
 * remembered by socket, and events that come later find it there.
 */
#ifndef EBPF_MCP_SOCKET_BPF_H
#define EBPF_MCP_SOCKET_BPF_H

#define AF_INET 2
#define AF_INET6 10
#define ADDRESS_SIZE 16
#define OWNERS_MAX 16384

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

/* Fills SOCKET_FIELDS of a zeroed event. */
#define fill_socket(event, sk)                                                                     \
	({                                                                                         \
		if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {                       \
			BPF_CORE_READ_INTO(&(event)->local_address, sk,                            \
					   __sk_common.skc_v6_rcv_saddr);                          \
			BPF_CORE_READ_INTO(&(event)->remote_address, sk,                           \
					   __sk_common.skc_v6_daddr);                              \
		} else {                                                                           \
			map_ipv4((event)->local_address,                                           \
				 BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));                    \
			map_ipv4((event)->remote_address,                                          \
				 BPF_CORE_READ(sk, __sk_common.skc_daddr));                        \
		}                                                                                  \
		(event)->local_port = local_port_of(sk);                                           \
		(event)->remote_port = remote_port_of(sk);                                         \
		(event)->netns = netns_of(sk);                                                     \
	})

/* The filters on ports and the network namespace. */
static __always_inline bool is_wanted_socket(const struct sock *sk)
{
	if (target_local_port != -1 && target_local_port != local_port_of(sk))
		return false;
	if (target_remote_port != -1 && target_remote_port != remote_port_of(sk))
		return false;
	return !target_netns || target_netns == netns_of(sk);
}

#endif /* EBPF_MCP_SOCKET_BPF_H */
