// Numbers of rtnetlink(7): linux/netlink.h, rtnetlink.h, if_link.h, pkt_cls.h, tc_act/tc_bpf.h.

export const netlink = {
  NETLINK_ROUTE: 0,
  NLM_F_REQUEST: 0x1,
  NLM_F_DUMP_INTR: 0x10,
  NLM_F_DUMP: 0x300,
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  NLMSG_OVERRUN: 4,
} as const;

export const rtnetlink = {
  RTM_NEWLINK: 16,
  RTM_GETLINK: 18,
  RTM_NEWQDISC: 36,
  RTM_GETQDISC: 38,
  RTM_NEWTCLASS: 40,
  RTM_GETTCLASS: 42,
  RTM_NEWTFILTER: 44,
  RTM_GETTFILTER: 46,
  TCA_KIND: 1,
  TCA_OPTIONS: 2,
  TCA_CHAIN: 11,
  IFLA_IFNAME: 3,
  IFLA_LINKINFO: 18,
  IFLA_EXT_MASK: 29,
  IFLA_XDP: 43,
  IFLA_INFO_KIND: 1,
  RTEXT_FILTER_SKIP_STATS: 8,
} as const;

/** In IFLA_XDP, nested. */
export const xdp_attributes = {
  IFLA_XDP_ATTACHED: 2,
  IFLA_XDP_PROG_ID: 4,
  IFLA_XDP_DRV_PROG_ID: 5,
  IFLA_XDP_SKB_PROG_ID: 6,
  IFLA_XDP_HW_PROG_ID: 7,
  XDP_ATTACHED_DRV: 1,
  XDP_ATTACHED_SKB: 2,
  XDP_ATTACHED_HW: 3,
  XDP_ATTACHED_MULTI: 4,
} as const;

/** In TCA_OPTIONS of a filter, and in each of its actions. */
export const filter_attributes = {
  TCA_U32_ACT: 7,
  TCA_ROUTE4_ACT: 6,
  TCA_FW_ACT: 4,
  TCA_FLOW_ACT: 9,
  TCA_BASIC_ACT: 3,
  TCA_CGROUP_ACT: 1,
  TCA_FLOWER_ACT: 3,
  TCA_MATCHALL_ACT: 2,
  TCA_BPF_ACT: 1,
  TCA_BPF_NAME: 7,
  TCA_BPF_FLAGS: 8,
  TCA_BPF_ID: 11,
  TCA_BPF_FLAG_ACT_DIRECT: 1,
  TCA_ACT_KIND: 1,
  TCA_ACT_OPTIONS: 2,
  TCA_ACT_BPF_NAME: 6,
  TCA_ACT_BPF_ID: 9,
} as const;
