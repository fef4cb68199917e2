// What rtnetlink answers, as bytes: messages in a datagram, attributes in a message. Lengths are
// never believed: what would reach beyond its surroundings ends the list.
import { nlattr, nlmsghdr } from "../../../ffi/layouts/netlink.ts";
import type { FieldLayout } from "../../../ffi/struct.ts";
import { visibleLine } from "../../view/text.ts";

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Behind the header; shares the datagram's memory. */
  readonly payload: Uint8Array;
}

export interface Messages {
  readonly messages: readonly Message[];
  /** False when a length lies: what follows cannot be told apart. */
  readonly whole: boolean;
}

/** Attributes of one level by type; of several with one type the last counts. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

/** NLMSG_ALIGNTO and NLA_ALIGNTO. */
const ALIGNMENT = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are the two upper bits. */
const TYPE_MASK = 0x3fff;

const decoder = new TextDecoder();

/** The messages of one datagram. */
export function splitMessages(datagram: Uint8Array): Messages {
  const messages: Message[] = [];
  for (let at = 0; at < datagram.length;) {
    const header = datagram.subarray(at, at + nlmsghdr.size);
    if (header.length < nlmsghdr.size) return { messages, whole: false };
    const field = (layout: FieldLayout) => integer(header, layout);
    const length = field(nlmsghdr.fields.nlmsg_len);
    if (length < nlmsghdr.size || at + length > datagram.length) return { messages, whole: false };
    messages.push({
      type: field(nlmsghdr.fields.nlmsg_type),
      flags: field(nlmsghdr.fields.nlmsg_flags),
      sequence: field(nlmsghdr.fields.nlmsg_seq),
      payload: datagram.subarray(at + nlmsghdr.size, at + length),
    });
    at += align(length);
  }
  return { messages, whole: true };
}

/** The attributes in `bytes`, up to the first whose length lies. */
export function readAttributes(bytes: Uint8Array): Attributes {
  const attributes = new Map<number, Uint8Array>();
  for (let at = 0; at + nlattr.size <= bytes.length;) {
    const header = bytes.subarray(at, at + nlattr.size);
    const length = integer(header, nlattr.fields.nla_len);
    if (length < nlattr.size || at + length > bytes.length) break;
    const type = integer(header, nlattr.fields.nla_type) & TYPE_MASK;
    attributes.set(type, bytes.subarray(at + nlattr.size, at + length));
    at += align(length);
  }
  return attributes;
}

/** The attributes inside one; none when it is absent. */
export function nested(attributes: Attributes, type: number): Attributes {
  return readAttributes(attributes.get(type) ?? new Uint8Array());
}

/** An attribute of 1 byte; null when it is absent or shorter. */
export function byteOf(attributes: Attributes, type: number): number | null {
  return attributes.get(type)?.[0] ?? null;
}

/** An attribute of 4 bytes; null when it is absent or shorter. */
export function wordOf(attributes: Attributes, type: number): number | null {
  const bytes = attributes.get(type);
  return bytes === undefined || bytes.length < 4 ? null : integer(bytes, [0, 4]);
}

/** A text up to its NUL, made safe; null when it is absent. */
export function textOf(attributes: Attributes, type: number): string | null {
  const bytes = attributes.get(type);
  if (bytes === undefined) return null;
  const end = bytes.indexOf(0);
  return visibleLine(decoder.decode(end < 0 ? bytes : bytes.subarray(0, end)));
}

/** A field of at most 4 bytes, little endian; what lies beyond the bytes reads as 0. */
export function integer(bytes: Uint8Array, [offset, size]: FieldLayout): number {
  let value = 0;
  for (let i = 0; i < size; i++) value += (bytes[offset + i] ?? 0) * 2 ** (8 * i);
  return value;
}

function align(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
