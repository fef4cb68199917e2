// SPDX-License-Identifier: GPL-2.0
/*
 * One program for each hook that only some kernels have. A connection of the target process passes
 * through security_socket_connect(), whose second argument says the port; each run counts in
 * `hits` and sends a hit with that port.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

enum kind {
	KIND_KPROBE,
	KIND_KRETPROBE,
	KIND_KPROBE_MULTI,
	KIND_KRETPROBE_MULTI,
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_LSM,
	KIND_USDT,
	KIND_ITER,
	KIND_COUNT,
};

struct hit_event {
	__u64 timestamp_ns;
	__s64 value;
	enum kind kind;
	__u32 pid;
};

struct hit_event *hit_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

const volatile __u32 target_pid;
__u64 hits[KIND_COUNT];
__u64 dropped;

static __always_inline int hit_target(enum kind kind, __s64 value)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct hit_event *hit;

	if (pid != target_pid)
		return 0;
	__sync_fetch_and_add(&hits[kind], 1);
	hit = bpf_ringbuf_reserve(&events, sizeof(*hit), 0);
	if (!hit) {
		__sync_fetch_and_add(&dropped, 1);
		return 0;
	}
	__builtin_memset(hit, 0, sizeof(*hit));
	hit->timestamp_ns = bpf_ktime_get_ns();
	hit->value = value;
	hit->kind = kind;
	hit->pid = pid;
	bpf_ringbuf_submit(hit, 0);
	return 0;
}

static __always_inline __s64 port_of(const struct sockaddr *address)
{
	const struct sockaddr_in *internet = (const void *)address;

	return bpf_ntohs(BPF_CORE_READ(internet, sin_port));
}

SEC("kprobe/security_socket_connect")
int BPF_KPROBE(on_kprobe, struct socket *socket, struct sockaddr *address)
{
	return hit_target(KIND_KPROBE, port_of(address));
}

SEC("kretprobe/security_socket_connect")
int BPF_KRETPROBE(on_kretprobe, long result)
{
	return hit_target(KIND_KRETPROBE, result);
}

SEC("kprobe.multi/security_socket_conn*")
int BPF_KPROBE(on_kprobe_multi, struct socket *socket, struct sockaddr *address)
{
	return hit_target(KIND_KPROBE_MULTI, port_of(address));
}

SEC("kretprobe.multi/security_socket_conn*")
int BPF_KRETPROBE(on_kretprobe_multi, long result)
{
	return hit_target(KIND_KRETPROBE_MULTI, result);
}

SEC("fentry/security_socket_connect")
int BPF_PROG(on_fentry, struct socket *socket, struct sockaddr *address, int length)
{
	return hit_target(KIND_FENTRY, port_of(address));
}

SEC("fexit/security_socket_connect")
int BPF_PROG(on_fexit, struct socket *socket, struct sockaddr *address, int length, int result)
{
	return hit_target(KIND_FEXIT, result);
}

SEC("lsm/socket_connect")
int BPF_PROG(on_lsm, struct socket *socket, struct sockaddr *address, int length)
{
	return hit_target(KIND_LSM, port_of(address));
}

SEC("usdt")
int BPF_USDT(on_usdt, int number)
{
	return hit_target(KIND_USDT, number);
}

SEC("iter/task")
int on_iter(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || task->tgid != target_pid || task->pid != target_pid)
		return 0;
	__sync_fetch_and_add(&hits[KIND_ITER], 1);
	BPF_SEQ_PRINTF(ctx->meta->seq, "target %d\n", task->tgid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
