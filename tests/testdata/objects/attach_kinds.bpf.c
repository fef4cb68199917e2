// SPDX-License-Identifier: GPL-2.0
/*
 * One program for each way to attach. Each run counts in `hits` and sends a hit. Programs that
 * see the host's work look at the target process only; those on an interface or a cgroup see what
 * the test puts there.
 */
#include "target.h"
#include <asm/ptrace.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#define CONNECT_ALLOWED 1
#define PACKET_ALLOWED 1
#define TCX_NEXT -1
#define COMM_SIZE 16

/* The number of getppid on the build machine's architecture. */
#if defined(__TARGET_ARCH_x86)
#define NR_GETPPID 110
#else
#define NR_GETPPID 173
#endif

enum kind {
	KIND_TRACEPOINT,
	KIND_RAW_TRACEPOINT,
	KIND_TP_BTF,
	KIND_UPROBE,
	KIND_URETPROBE,
	KIND_PERF_EVENT,
	KIND_XDP,
	KIND_TC,
	KIND_CGROUP_SKB,
	KIND_CONNECT4,
	KIND_COUNT,
};

struct hit_event {
	__u64 timestamp_ns;
	__s64 value;
	enum kind kind;
	__u32 pid;
	__u32 cpu;
	char comm[COMM_SIZE];
};

struct hit_event *hit_event_type SEC(".event_types");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

__u64 hits[KIND_COUNT];
__u64 dropped;

static __always_inline struct hit_event *count_hit(enum kind kind, __s64 value)
{
	struct hit_event *hit;

	__sync_fetch_and_add(&hits[kind], 1);
	hit = bpf_ringbuf_reserve(&events, sizeof(*hit), 0);
	if (!hit) {
		__sync_fetch_and_add(&dropped, 1);
		return NULL;
	}
	__builtin_memset(hit, 0, sizeof(*hit));
	hit->timestamp_ns = bpf_ktime_get_ns();
	hit->value = value;
	hit->kind = kind;
	hit->cpu = bpf_get_smp_processor_id();
	return hit;
}

/* A hit of the target: with its process. */
static __always_inline int hit_target(enum kind kind, __s64 value)
{
	struct hit_event *hit;

	if (!is_target())
		return 0;
	hit = count_hit(kind, value);
	if (!hit)
		return 0;
	hit->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(hit->comm, sizeof(hit->comm));
	bpf_ringbuf_submit(hit, 0);
	return 0;
}

/* A hit of a packet: whose process is running then means nothing. */
static __always_inline void hit_packet(enum kind kind, __s64 value)
{
	struct hit_event *hit = count_hit(kind, value);

	if (hit)
		bpf_ringbuf_submit(hit, 0);
}

SEC("tracepoint/syscalls/sys_enter_getppid")
int on_tracepoint(void *ctx)
{
	return hit_target(KIND_TRACEPOINT, 0);
}

SEC("raw_tp/sys_enter")
int BPF_PROG(on_raw_tracepoint, struct pt_regs *regs, long number)
{
	return number == NR_GETPPID ? hit_target(KIND_RAW_TRACEPOINT, number) : 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_tp_btf, struct pt_regs *regs, long number)
{
	return number == NR_GETPPID ? hit_target(KIND_TP_BTF, number) : 0;
}

SEC("uprobe")
int BPF_KPROBE(on_uprobe, int argument)
{
	return hit_target(KIND_UPROBE, argument);
}

SEC("uretprobe")
int BPF_KRETPROBE(on_uretprobe, int result)
{
	return hit_target(KIND_URETPROBE, result);
}

SEC("perf_event")
int on_perf_event(struct bpf_perf_event_data *ctx)
{
	return hit_target(KIND_PERF_EVENT, ctx->sample_period);
}

SEC("xdp")
int on_xdp(struct xdp_md *ctx)
{
	hit_packet(KIND_XDP, (void *)(long)ctx->data_end - (void *)(long)ctx->data);
	return XDP_PASS;
}

SEC("tc")
int on_tc(struct __sk_buff *packet)
{
	hit_packet(KIND_TC, packet->len);
	return TCX_NEXT;
}

SEC("cgroup_skb/egress")
int on_cgroup_egress(struct __sk_buff *packet)
{
	hit_packet(KIND_CGROUP_SKB, packet->len);
	return PACKET_ALLOWED;
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr *address)
{
	hit_target(KIND_CONNECT4, bpf_ntohs(address->user_port));
	return CONNECT_ALLOWED;
}
