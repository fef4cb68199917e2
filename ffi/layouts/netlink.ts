// Messages of rtnetlink(7): a header, a struct per family of requests, then attributes.
import type { StructLayout } from "../struct.ts";

export const nlmsghdr = {
  name: "nlmsghdr",
  header: "linux/netlink.h",
  size: 16,
  fields: {
    nlmsg_len: [0, 4],
    nlmsg_type: [4, 2],
    nlmsg_flags: [6, 2],
    nlmsg_seq: [8, 4],
    nlmsg_pid: [12, 4],
  },
} as const satisfies StructLayout;

export const nlmsgerr = {
  name: "nlmsgerr",
  header: "linux/netlink.h",
  size: 20,
  fields: {
    error: [0, 4],
  },
} as const satisfies StructLayout;

export const nlattr = {
  name: "nlattr",
  header: "linux/netlink.h",
  size: 4,
  fields: {
    nla_len: [0, 2],
    nla_type: [2, 2],
  },
} as const satisfies StructLayout;

export const ifinfomsg = {
  name: "ifinfomsg",
  header: "linux/rtnetlink.h",
  size: 16,
  fields: {
    ifi_family: [0, 1],
    ifi_type: [2, 2],
    ifi_index: [4, 4],
    ifi_flags: [8, 4],
  },
} as const satisfies StructLayout;

export const tcmsg = {
  name: "tcmsg",
  header: "linux/rtnetlink.h",
  size: 20,
  fields: {
    tcm_family: [0, 1],
    tcm_ifindex: [4, 4],
    tcm_handle: [8, 4],
    tcm_parent: [12, 4],
    tcm_info: [16, 4],
  },
} as const satisfies StructLayout;
