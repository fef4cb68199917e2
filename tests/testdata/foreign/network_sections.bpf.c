// SPDX-License-Identifier: GPL-2.0
/* One program for each section that a packet or a socket runs into. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name, context, verdict)	\
	SEC(section)					\
	int name(context *ctx)				\
	{						\
		return verdict;				\
	}

PROGRAM("socket", on_socket, struct __sk_buff, 0)
PROGRAM("tc", on_tc, struct __sk_buff, -1)
PROGRAM("action", on_action, struct __sk_buff, 0)
PROGRAM("xdp", on_xdp, struct xdp_md, XDP_PASS)
PROGRAM("xdp.frags", on_xdp_frags, struct xdp_md, XDP_PASS)
PROGRAM("xdp/devmap", on_xdp_devmap, struct xdp_md, XDP_PASS)
PROGRAM("xdp/cpumap", on_xdp_cpumap, struct xdp_md, XDP_PASS)
PROGRAM("sk_skb/stream_parser", on_parser, struct __sk_buff, ctx->len)
PROGRAM("sk_skb/stream_verdict", on_verdict, struct __sk_buff, SK_PASS)
PROGRAM("sk_msg", on_message, struct sk_msg_md, SK_PASS)
PROGRAM("sk_lookup", on_lookup, struct bpf_sk_lookup, SK_PASS)
PROGRAM("sk_reuseport", on_reuseport, struct sk_reuseport_md, SK_PASS)
PROGRAM("sk_reuseport/migrate", on_migrate, struct sk_reuseport_md, SK_PASS)
PROGRAM("sockops", on_sockops, struct bpf_sock_ops, 1)
PROGRAM("flow_dissector", on_flow, struct __sk_buff, 0)
PROGRAM("lwt_in", on_lwt_in, struct __sk_buff, 0)
PROGRAM("lwt_out", on_lwt_out, struct __sk_buff, 0)
PROGRAM("lwt_xmit", on_lwt_xmit, struct __sk_buff, 0)
PROGRAM("lwt_seg6local", on_lwt_seg6, struct __sk_buff, 0)

char _license[] SEC("license") = "GPL";
