// SPDX-License-Identifier: GPL-2.0
/* One program for each section of a cgroup. */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#define ALLOW 1
#define PROGRAM(section, name, context)		\
	SEC(section)				\
	int name(context *ctx)			\
	{					\
		return ALLOW;			\
	}

PROGRAM("cgroup/skb", on_skb, struct __sk_buff)
PROGRAM("cgroup_skb/ingress", on_ingress, struct __sk_buff)
PROGRAM("cgroup_skb/egress", on_egress, struct __sk_buff)
PROGRAM("cgroup/sock", on_sock, struct bpf_sock)
PROGRAM("cgroup/sock_create", on_create, struct bpf_sock)
PROGRAM("cgroup/sock_release", on_release, struct bpf_sock)
PROGRAM("cgroup/post_bind4", on_post_bind4, struct bpf_sock)
PROGRAM("cgroup/post_bind6", on_post_bind6, struct bpf_sock)
PROGRAM("cgroup/bind4", on_bind4, struct bpf_sock_addr)
PROGRAM("cgroup/connect6", on_connect6, struct bpf_sock_addr)
PROGRAM("cgroup/sendmsg4", on_sendmsg4, struct bpf_sock_addr)
PROGRAM("cgroup/recvmsg6", on_recvmsg6, struct bpf_sock_addr)
PROGRAM("cgroup/getpeername4", on_getpeername4, struct bpf_sock_addr)
PROGRAM("cgroup/getsockname6", on_getsockname6, struct bpf_sock_addr)
PROGRAM("cgroup/sysctl", on_sysctl, struct bpf_sysctl)
PROGRAM("cgroup/getsockopt", on_getsockopt, struct bpf_sockopt)
PROGRAM("cgroup/setsockopt", on_setsockopt, struct bpf_sockopt)
PROGRAM("cgroup/dev", on_device, struct bpf_cgroup_dev_ctx)

char _license[] SEC("license") = "GPL";
