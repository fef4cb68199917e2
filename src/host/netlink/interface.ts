// A network interface as RTM_NEWLINK tells it.
import { ifinfomsg } from "../../../ffi/layouts/netlink.ts";
import { rtnetlink, xdp_attributes } from "../../../ffi/netlink.ts";
import {
  type Attributes,
  byteOf,
  integer,
  nested,
  readAttributes,
  textOf,
  wordOf,
} from "./attributes.ts";

export type XdpMode = "driver" | "generic" | "offload";

export interface XdpHook {
  readonly mode: XdpMode;
  readonly programId: number;
}

export interface Interface {
  readonly index: number;
  readonly name: string;
  /** Of what makes it: `veth`, `netkit`, `bridge`; null for hardware and the loopback. */
  readonly kind: string | null;
  /** Up to three at once: one for each mode. */
  readonly xdp: readonly XdpHook[];
}

/** Ids by mode, as the kernel gives them since 4.18. */
const modes: readonly (readonly [XdpMode, number, number])[] = [
  ["driver", xdp_attributes.XDP_ATTACHED_DRV, xdp_attributes.IFLA_XDP_DRV_PROG_ID],
  ["generic", xdp_attributes.XDP_ATTACHED_SKB, xdp_attributes.IFLA_XDP_SKB_PROG_ID],
  ["offload", xdp_attributes.XDP_ATTACHED_HW, xdp_attributes.IFLA_XDP_HW_PROG_ID],
];

/** Reads the payload of RTM_NEWLINK; null when it is too short or names no interface. */
export function parseInterface(payload: Uint8Array): Interface | null {
  if (payload.length < ifinfomsg.size) return null;
  const index = integer(payload, ifinfomsg.fields.ifi_index);
  const attributes = readAttributes(payload.subarray(ifinfomsg.size));
  const name = textOf(attributes, rtnetlink.IFLA_IFNAME);
  if (index === 0 || name === null) return null;
  const info = nested(attributes, rtnetlink.IFLA_LINKINFO);
  return {
    index,
    name,
    kind: textOf(info, rtnetlink.IFLA_INFO_KIND),
    xdp: xdpHooks(nested(attributes, rtnetlink.IFLA_XDP)),
  };
}

/** IFLA_XDP_PROG_ID is the one program's, and absent where several modes have one. */
function xdpHooks(xdp: Attributes): XdpHook[] {
  const attached = byteOf(xdp, xdp_attributes.IFLA_XDP_ATTACHED);
  const only = wordOf(xdp, xdp_attributes.IFLA_XDP_PROG_ID);
  return modes.flatMap(([mode, alone, attribute]) => {
    const programId = wordOf(xdp, attribute) ?? (attached === alone ? only : null);
    return programId === null || programId === 0 ? [] : [{ mode, programId }];
  });
}
