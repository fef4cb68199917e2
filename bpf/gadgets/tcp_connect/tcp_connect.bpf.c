// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_connect: every attempt to connect, and what became of it.
 *
 * An attempt begins when its socket goes to SYN_SENT, which happens in the caller's context, and
 * ends when the socket leaves that state, mostly in a softirq. A connect that fails before it has
 * sent anything (no route, no free port, refused by a policy) changes no state, or changes it back
 * without an error on the socket: the return value of the system call tells of those.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "socket.bpf.h"

#define ATTEMPTS_MAX 16384
#define CALLS_MAX 4096
#define RING_SIZE (512 * 1024)

/* Constants that BTF does not carry. */
#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define EINTR 4
#define ECONNABORTED 103
#define EISCONN 106
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EALREADY 114
#define EINPROGRESS 115

char LICENSE[] SEC("license") = "GPL";

const volatile bool failed_only = false;
const volatile __u64 min_latency_us = 0;

enum connect_outcome {
	CONNECT_ESTABLISHED,
	CONNECT_FAILED,
	CONNECT_ABANDONED, /* its program closed the socket before there was an answer */
};

struct connect_event {
	TASK_FIELDS; /* of the caller; `timestamp_ns`: of the outcome */
	__u64 latency_ns; /* from the first packet, or the call, to the outcome */
	SOCKET_FIELDS;
	enum connect_outcome outcome;
	__s32 ret; /* 0, or -errno */
};

struct connect_event *connect_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* Who tries, and since when. */
struct connect_attempt {
	__u64 started_ns;
	__u64 cgroup_id;
	__u32 pid;
	__u32 tid;
	__u32 uid;
	char comm[COMM_SIZE];
};

/* By socket, from SYN_SENT until the state after it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ATTEMPTS_MAX);
	__type(key, __u64);
	__type(value, struct connect_attempt);
} attempts SEC(".maps");

/* A thread inside connect(2) on a TCP socket that had not been told to connect before. */
struct connect_call {
	__u64 started_ns;
	__u64 sk;
	const void *address;
	bool sent; /* the socket went to SYN_SENT */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS_MAX);
	__type(key, __u32);
	__type(value, struct connect_call);
} calls SEC(".maps");

static __always_inline void fill_caller(struct connect_event *event,
					const struct connect_attempt *attempt)
{
	event->timestamp_ns = bpf_ktime_get_ns();
	event->latency_ns = event->timestamp_ns - attempt->started_ns;
	event->cgroup_id = attempt->cgroup_id;
	event->pid = attempt->pid;
	event->tid = attempt->tid;
	event->uid = attempt->uid;
	__builtin_memcpy(event->comm, attempt->comm, sizeof(event->comm));
}

static __always_inline void send_event(struct connect_event *event)
{
	if (failed_only && event->outcome == CONNECT_ESTABLISHED)
		return;
	if (event->latency_ns < min_latency_us * 1000)
		return;
	if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
		count_dropped();
}

/* Reports how an attempt that sent something has ended, and forgets it. */
static __always_inline void end_attempt(const struct sock *sk, enum connect_outcome outcome,
					int ret)
{
	__u64 key = (__u64)sk;
	struct connect_attempt *attempt = bpf_map_lookup_elem(&attempts, &key);
	struct connect_event event;

	if (!attempt)
		return;
	if (is_wanted_socket(sk)) {
		__builtin_memset(&event, 0, sizeof(event));
		fill_caller(&event, attempt);
		fill_socket(&event, sk);
		event.outcome = outcome;
		event.ret = ret;
		send_event(&event);
	}
	bpf_map_delete_elem(&attempts, &key);
}

static __always_inline void begin_attempt(const struct sock *sk)
{
	struct connect_attempt attempt = {};
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 key = (__u64)sk;
	struct connect_call *call;

	if (!is_wanted_current())
		return;
	attempt.started_ns = bpf_ktime_get_ns();
	attempt.pid = bpf_get_current_pid_tgid() >> 32;
	attempt.tid = tid;
	attempt.uid = bpf_get_current_uid_gid();
	attempt.cgroup_id = cgroup_id_of((struct task_struct *)bpf_get_current_task());
	bpf_get_current_comm(attempt.comm, sizeof(attempt.comm));
	if (bpf_map_update_elem(&attempts, &key, &attempt, BPF_ANY))
		count_dropped();
	call = bpf_map_lookup_elem(&calls, &tid);
	if (call && call->sk == key)
		call->sent = true;
}

/* True if the current thread is inside the connect(2) that began this attempt. */
static __always_inline bool is_own_call(const struct sock *sk)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct connect_call *call = bpf_map_lookup_elem(&calls, &tid);

	return call && call->sk == (__u64)sk;
}

/*
 * The error of an attempt that nobody in a system call has ended, if the socket has none: the
 * program has taken it already. On older kernels (seen on 5.10) a program is told of a time-out
 * before the state changes, and may be quicker.
 */
static __always_inline int taken_error(const struct sock *sk)
{
	const struct inet_connection_sock *connection = (const struct inet_connection_sock *)sk;
	int soft = BPF_CORE_READ(sk, sk_err_soft);

	if (soft)
		return soft;
	return BPF_CORE_READ(connection, icsk_retransmits) ? ETIMEDOUT : ECONNREFUSED;
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(on_state, const struct sock *sk, int old_state, int new_state)
{
	int error;

	if (new_state == TCP_SYN_SENT) {
		if (is_tcp(sk))
			begin_attempt(sk);
		return 0;
	}
	/* Through SYN_RECV when both ends have called each other. */
	if (old_state != TCP_SYN_SENT && old_state != TCP_SYN_RECV)
		return 0;
	if (new_state == TCP_SYN_RECV)
		return 0;
	if (new_state == TCP_ESTABLISHED) {
		end_attempt(sk, CONNECT_ESTABLISHED, 0);
		return 0;
	}
	error = BPF_CORE_READ(sk, sk_err);
	if (error)
		end_attempt(sk, CONNECT_FAILED, -error);
	else if (!BPF_CORE_READ(sk, sk_lock.owned))
		end_attempt(sk, CONNECT_FAILED, -taken_error(sk));
	else if (!is_own_call(sk)) /* else the system call's return value tells */
		end_attempt(sk, CONNECT_ABANDONED, -ECONNABORTED);
	return 0;
}

/* The socket behind a descriptor of the current task, with its struct sock in `sk`. */
static __always_inline struct socket *socket_of(__u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	if (bpf_probe_read_kernel(&file, sizeof(file), files + fd) || !file)
		return NULL;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	return BPF_CORE_READ(file, private_data);
}

SEC("tracepoint/syscalls/sys_enter_connect")
int on_enter_connect(struct syscall_trace_enter___compat *ctx)
{
	struct connect_call call = {};
	__u32 tid = bpf_get_current_pid_tgid();
	struct socket *socket;
	struct sock *sk;

	if (!is_wanted_current())
		return 0;
	socket = socket_of(ctx->args[0]);
	if (!socket || BPF_CORE_READ(socket, state) != SS_UNCONNECTED)
		return 0; /* asks for the result of an attempt that is reported by its state */
	sk = BPF_CORE_READ(socket, sk);
	if (BPF_CORE_READ(sk, __sk_common.skc_family) != AF_INET &&
	    BPF_CORE_READ(sk, __sk_common.skc_family) != AF_INET6)
		return 0;
	if (!is_tcp(sk) || BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
		return 0;
	call.started_ns = bpf_ktime_get_ns();
	call.sk = (__u64)sk;
	call.address = (const void *)ctx->args[1];
	if (bpf_map_update_elem(&calls, &tid, &call, BPF_ANY))
		count_dropped();
	return 0;
}

/* Reads where the call wanted to go. The kernel has read it before: it is in memory. */
static __always_inline void fill_destination(struct connect_event *event, const void *address)
{
	struct sockaddr_in6 wanted = {};
	struct sockaddr_in *v4 = (void *)&wanted;

	bpf_probe_read_user(&wanted.sin6_family, sizeof(wanted.sin6_family), address);
	if (wanted.sin6_family == AF_INET6) {
		bpf_probe_read_user(&wanted, sizeof(wanted), address);
		__builtin_memcpy(event->remote_address, &wanted.sin6_addr, ADDRESS_SIZE);
		event->remote_port = bpf_ntohs(wanted.sin6_port);
	} else if (wanted.sin6_family == AF_INET) {
		bpf_probe_read_user(v4, sizeof(*v4), address);
		map_ipv4(event->remote_address, v4->sin_addr.s_addr);
		event->remote_port = bpf_ntohs(v4->sin_port);
	}
}

/* Reports a call that failed by itself: before it sent anything, or without leaving a trace. */
static __always_inline void report_refusal(const struct connect_call *call, int ret)
{
	const struct sock *sk = (const struct sock *)call->sk;
	struct connect_event event;

	__builtin_memset(&event, 0, sizeof(event));
	fill_current(&event);
	fill_socket(&event, sk);
	fill_destination(&event, call->address);
	if (!is_wanted_place(event.local_port, event.remote_port, event.netns))
		return;
	event.latency_ns = event.timestamp_ns - call->started_ns;
	event.outcome = CONNECT_FAILED;
	event.ret = ret;
	send_event(&event);
}

static __always_inline bool is_failure(long ret)
{
	return ret < 0 && !is_restarted(ret) && ret != -EINTR && ret != -EINPROGRESS &&
	       ret != -EALREADY && ret != -EISCONN;
}

/*
 * True if no change of state has told of the call's failure. One that has sent something is there
 * still only if its socket had no error when it was closed.
 */
static __always_inline bool is_unreported(const struct connect_call *call)
{
	const struct sock *sk = (const struct sock *)call->sk;
	__u64 key = call->sk;

	if (!call->sent)
		return true;
	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE)
		return false;
	return !bpf_map_delete_elem(&attempts, &key);
}

SEC("tracepoint/syscalls/sys_exit_connect")
int on_exit_connect(struct syscall_trace_exit___compat *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct connect_call *call = bpf_map_lookup_elem(&calls, &tid);
	long ret = ctx->ret;

	if (!call)
		return 0;
	if (is_failure(ret) && is_unreported(call))
		report_refusal(call, ret);
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}
