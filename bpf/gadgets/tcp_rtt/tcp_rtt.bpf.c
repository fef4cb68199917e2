// SPDX-License-Identifier: GPL-2.0
/*
 * tcp_rtt: how long round trips take, by remote address and port, as the kernel smooths them.
 *
 * tcp_probe is passed with each packet that an established connection receives. What the kernel has
 * measured by then is counted: one sample for each packet, so that busy connections weigh more, as
 * they do for those who wait for them.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "compat.bpf.h"
#include "gadget.bpf.h"
#include "socket.bpf.h"
#include "latency.bpf.h"

#define PEERS_MAX 8192
#define SRTT_SHIFT 3 /* the kernel keeps eight times the smoothed round trip time */

char LICENSE[] SEC("license") = "GPL";

const volatile bool by_port = false;

struct rtt_key {
	__u8 remote_address[ADDRESS_SIZE];
	__u16 remote_port; /* 0 unless asked for: of those who call, each has another */
};

struct rtt_row {
	LATENCY_FIELDS;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PEERS_MAX);
	__type(key, struct rtt_key);
	__type(value, struct rtt_row);
} peers SEC(".maps");

/* The user and the control group are the socket's: a packet is received on top of any task. */
static __always_inline bool is_wanted_receiver(const struct sock *sk)
{
	struct cgroup *group;

	if (!is_wanted_cpu() || !is_wanted_socket(sk))
		return false;
	if (target_uid != -1 && target_uid != BPF_CORE_READ(sk, sk_uid.val))
		return false;
	if (!target_cgroup)
		return true;
	group = cgroup_of_socket(sk);
	return group ? is_wanted_group(group) : !target_cgroup_level;
}

SEC("raw_tp/tcp_probe")
int BPF_PROG(on_packet, const struct sock *sk)
{
	__u32 srtt_us = BPF_CORE_READ((const struct tcp_sock *)sk, srtt_us) >> SRTT_SHIFT;
	struct rtt_key key = {};
	struct rtt_row *row;

	if (!srtt_us || !is_wanted_receiver(sk))
		return 0;
	fill_remote_address(key.remote_address, sk);
	if (by_port)
		key.remote_port = remote_port_of(sk);
	row = bpf_map_lookup_elem(&peers, &key);
	if (!row) {
		struct rtt_row fresh = {};

		row = lookup_or_make(&peers, &key, &fresh);
	}
	if (row)
		add_latency(row, srtt_us * NSEC_PER_USEC, NSEC_PER_USEC);
	return 0;
}
