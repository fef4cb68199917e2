// SPDX-License-Identifier: GPL-2.0
/*
 * bind_snoop: every bind and listen of an internet or Unix socket, and what became of it.
 *
 * Both are reported when they return. Address and port are then those that the socket has; where
 * the call failed, those that were asked for.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "descriptors.bpf.h"
#include "socket.bpf.h"
#include "syscall_args.bpf.h"

#define UNIX_PATH_SIZE 112 /* sun_path has 108, and may lack a final NUL */
#define SUN_PATH_SIZE 108
#define SUN_PATH_OFFSET 2
#define RING_SIZE (256 * 1024)

/* Constants that BTF does not carry. */
#define S_IFMT 00170000
#define S_IFSOCK 0140000

char LICENSE[] SEC("license") = "GPL";

const volatile bool only_failed = false;
const volatile bool include_unix = true;

enum bind_operation {
	SOCKET_BIND,
	SOCKET_LISTEN,
};

enum bind_family {
	FAMILY_UNKNOWN = 0, /* of listen on what is no socket */
	FAMILY_UNIX = 1,
	FAMILY_INET = AF_INET,
	FAMILY_INET6 = AF_INET6,
};

enum bind_type {
	TYPE_UNKNOWN,
	TYPE_STREAM,
	TYPE_DGRAM,
	TYPE_RAW,
	TYPE_SEQPACKET = 5,
	TYPE_DCCP,
};

enum bind_protocol {
	PROTOCOL_NONE = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_SCTP = 132,
	PROTOCOL_UDPLITE = 136,
	PROTOCOL_MPTCP = 262,
};

struct bind_event {
	TASK_FIELDS;
	enum bind_operation operation;
	__s32 ret; /* 0, or -errno */
	enum bind_family family;
	enum bind_type type;
	enum bind_protocol protocol;
	__u32 netns; /* 0: not a socket */
	__s32 backlog; /* of listen, as it was given */
	__u8 local_address[ADDRESS_SIZE];
	__u16 local_port;
	__u16 asked_port; /* of bind: 0 for any that is free */
	char unix_path[UNIX_PATH_SIZE]; /* '@' stands for the NUL that begins an abstract name */
};

struct bind_event *bind_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* The socket behind a descriptor of the current task, NULL where there is none. */
static __always_inline struct sock *sock_of(__u32 fd)
{
	struct file *file = file_of(fd);
	struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline void read_sock(struct bind_event *event, const struct sock *sk)
{
	event->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	event->type = BPF_CORE_READ(sk, sk_type);
	event->protocol = BPF_CORE_READ(sk, sk_protocol);
	event->netns = netns_of(sk);
	if (event->family == FAMILY_INET6)
		BPF_CORE_READ_INTO(&event->local_address, sk, __sk_common.skc_v6_rcv_saddr);
	else if (event->family == FAMILY_INET)
		map_ipv4(event->local_address, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	else
		return;
	event->local_port = local_port_of(sk);
}

/* `size` is what the caller says; an empty name lets the kernel choose one. */
static __always_inline void read_unix_path(struct bind_event *event, __u64 address, __u64 size)
{
	if (size <= SUN_PATH_OFFSET)
		return;
	size -= SUN_PATH_OFFSET;
	if (size > SUN_PATH_SIZE)
		size = SUN_PATH_SIZE;
	bpf_probe_read_user(event->unix_path, size, (const void *)(address + SUN_PATH_OFFSET));
	if (!event->unix_path[0])
		event->unix_path[0] = '@';
}

/* What was asked for. The kernel has read it before: it is in memory. */
static __always_inline void read_address(struct bind_event *event, __u64 address, __u64 size)
{
	struct sockaddr_in6 wanted = {};
	struct sockaddr_in *v4 = (void *)&wanted;

	bpf_probe_read_user(&wanted.sin6_family, sizeof(wanted.sin6_family), (void *)address);
	if (event->family == FAMILY_UNKNOWN)
		event->family = wanted.sin6_family;
	if (wanted.sin6_family == AF_INET6) {
		bpf_probe_read_user(&wanted, sizeof(wanted), (void *)address);
		if (event->ret)
			__builtin_memcpy(event->local_address, &wanted.sin6_addr, ADDRESS_SIZE);
	} else if (wanted.sin6_family == AF_INET) {
		bpf_probe_read_user(v4, sizeof(*v4), (void *)address);
		if (event->ret)
			map_ipv4(event->local_address, v4->sin_addr.s_addr);
	} else {
		if (wanted.sin6_family == FAMILY_UNIX)
			read_unix_path(event, address, size);
		return;
	}
	event->asked_port = bpf_ntohs(wanted.sin6_port); /* at the same place in both */
	if (event->ret)
		event->local_port = event->asked_port;
}

static __always_inline bool is_wanted_event(const struct bind_event *event)
{
	if (target_local_port != -1 && target_local_port != event->local_port)
		return false;
	if (target_netns && target_netns != event->netns)
		return false;
	switch (event->family) {
	case FAMILY_INET:
	case FAMILY_INET6:
		return true;
	case FAMILY_UNIX:
		return include_unix;
	case FAMILY_UNKNOWN:
		return event->operation == SOCKET_LISTEN;
	default:
		return false;
	}
}

static __always_inline int report(enum bind_operation operation, const struct syscall_args *call,
				  long ret)
{
	struct bind_event event;
	struct sock *sk;

	if (only_failed && !ret)
		return 0;
	__builtin_memset(&event, 0, sizeof(event));
	fill_current(&event);
	event.operation = operation;
	event.ret = ret;
	sk = sock_of(call->args[0]);
	if (sk)
		read_sock(&event, sk);
	if (operation == SOCKET_BIND)
		read_address(&event, call->args[1], (__u32)call->args[2]);
	else
		event.backlog = call->args[1];
	if (!is_wanted_event(&event))
		return 0;
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_dropped();
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_bind")
int on_enter_bind(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_exit_bind")
int on_exit_bind(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(SOCKET_BIND, &call, ctx->ret);
}

SEC("tracepoint/syscalls/sys_enter_listen")
int on_enter_listen(struct syscall_trace_enter___compat *ctx)
{
	if (!is_wanted_current())
		return 0;
	return keep_syscall_args(ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_exit_listen")
int on_exit_listen(struct syscall_trace_exit___compat *ctx)
{
	struct syscall_args call;

	if (!take_syscall_args(ctx->ret, &call))
		return 0;
	return report(SOCKET_LISTEN, &call, ctx->ret);
}
