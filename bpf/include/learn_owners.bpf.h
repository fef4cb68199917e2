/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs that learn whose TCP sockets are, for gadgets that attach none of their own to these
 * two tracepoints. Include socket_owner.bpf.h and bpf_tracing.h first.
 */
#ifndef EBPF_MCP_LEARN_OWNERS_BPF_H
#define EBPF_MCP_LEARN_OWNERS_BPF_H

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(on_state, const struct sock *sk, int old_state, int new_state)
{
	if (!is_tcp(sk))
		return 0;
	/* Memory is used again. An owner stays known after the end, as packets are let go then. */
	if (new_state == TCP_SYN_RECV && old_state != TCP_SYN_SENT)
		forget_owner(sk);
	else
		learn_owner(sk);
	return 0;
}

/* Data was received: of a connection that was accepted, often the first sign of its owner. */
SEC("raw_tp/tcp_rcv_space_adjust")
int BPF_PROG(on_receive, const struct sock *sk)
{
	learn_owner(sk);
	return 0;
}

#endif /* EBPF_MCP_LEARN_OWNERS_BPF_H */
