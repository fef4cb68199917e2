// rtnetlink(7): interfaces, queueing disciplines and filters of one network namespace.
import { errno } from "../../../ffi/errno.ts";
import { Fd } from "../../../ffi/fd.ts";
import { ifinfomsg, nlattr, nlmsghdr, tcmsg } from "../../../ffi/layouts/netlink.ts";
import { libc } from "../../../ffi/library.ts";
import { netlink, rtnetlink } from "../../../ffi/netlink.ts";
import { fixedBytes, Struct } from "../../../ffi/struct.ts";
import { type EBPFError, kernelError } from "../../errors.ts";
import { integer, type Message, splitMessages } from "./attributes.ts";
import { type Interface, parseInterface } from "./interface.ts";
import {
  type Filter,
  parseClass,
  parseFilter,
  parseQdisc,
  type Qdisc,
  type TrafficClass,
} from "./traffic_control.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
/** recv(2) then answers a datagram's whole length, even where the buffer is shorter. */
const MSG_TRUNC = 0x20;
/** The kernel answers at once; this only keeps a fault from holding the event loop forever. */
const TIMEOUT_SECONDS = 2;
/** The kernel fills at most 32 KiB of a dump into one datagram. */
const BUFFER_BYTES = 1 << 16;
/** Of one dump: a host with 100,000 interfaces is cut here. */
const MAX_DUMP_BYTES = 256 * 1024 * 1024;
/** A dump during which the list changed is asked for again. */
const ATTEMPTS = 3;
const EIO = 5;

/** Lives in the network namespace in which it was opened, wherever its process goes. */
export class RouteSocket implements Disposable {
  readonly #fd: Fd;
  readonly #buffer = fixedBytes(BUFFER_BYTES);
  #sequence = 0;

  private constructor(fd: Fd) {
    this.#fd = fd;
  }

  /**
   * Opens a socket in this thread's network namespace.
   * @throws kernel/netlink_failed
   */
  static open(): RouteSocket {
    const fd = libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, netlink.NETLINK_ROUTE);
    if (fd < 0) throw kernelError("netlink_failed", "Cannot open a netlink socket", errno());
    const timeout = fixedBytes(16); // struct timeval
    new DataView(timeout.buffer).setBigUint64(0, BigInt(TIMEOUT_SECONDS), true);
    libc().setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length);
    return new RouteSocket(new Fd(fd));
  }

  /**
   * Every interface, with its XDP programs.
   * @throws kernel/netlink_failed
   */
  interfaces(): Interface[] {
    const mask = attribute(rtnetlink.IFLA_EXT_MASK, rtnetlink.RTEXT_FILTER_SKIP_STATS);
    const body = [new Struct(ifinfomsg).bytes, mask];
    return this.#dump(rtnetlink.RTM_GETLINK, rtnetlink.RTM_NEWLINK, body, parseInterface);
  }

  /**
   * The queueing disciplines of every interface.
   * @throws kernel/netlink_failed
   */
  qdiscs(): Qdisc[] {
    const body = [tcRequest(0, 0)];
    return this.#dump(rtnetlink.RTM_GETQDISC, rtnetlink.RTM_NEWQDISC, body, parseQdisc);
  }

  /**
   * The classes of an interface's queueing disciplines.
   * @throws kernel/netlink_failed
   */
  classes(ifindex: number): TrafficClass[] {
    const body = [tcRequest(ifindex, 0)];
    return this.#dump(rtnetlink.RTM_GETTCLASS, rtnetlink.RTM_NEWTCLASS, body, parseClass);
  }

  /**
   * The filters at one place of an interface.
   * @param parent handle of a queueing discipline or class, or a place of clsact
   * @throws kernel/netlink_failed
   */
  filters(ifindex: number, parent: number): Filter[] {
    const body = [tcRequest(ifindex, parent)];
    return this.#dump(rtnetlink.RTM_GETTFILTER, rtnetlink.RTM_NEWTFILTER, body, parseFilter);
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]();
  }

  #dump<Item>(
    request: number,
    answer: number,
    body: readonly Uint8Array[],
    parse: (payload: Uint8Array) => Item | null,
  ): Item[] {
    for (let attempt = 1;; attempt++) {
      const items: Item[] = [];
      const settled = this.#ask(request, body, ({ type, payload }) => {
        const item = type === answer ? parse(payload) : null;
        if (item !== null) items.push(item);
      });
      if (settled || attempt === ATTEMPTS) return items;
    }
  }

  /** Sends a dump request; true when the list stayed as it is while it was read. */
  #ask(request: number, body: readonly Uint8Array[], take: (message: Message) => void): boolean {
    const sequence = ++this.#sequence;
    const bytes = requestBytes(request, sequence, body);
    if (libc().send(this.#fd.number, bytes, BigInt(bytes.length), 0) < 0n) throw failed(errno());
    let settled = true;
    for (let total = 0; total < MAX_DUMP_BYTES;) {
      const datagram = this.#receive();
      total += datagram.length;
      const { messages, whole } = splitMessages(datagram);
      for (const message of messages) {
        if (message.sequence !== sequence) continue; // what an earlier, failed dump left
        if ((message.flags & netlink.NLM_F_DUMP_INTR) !== 0) settled = false;
        if (isEnd(message)) return settled;
        take(message);
      }
      if (!whole) throw failed(EIO);
    }
    throw failed(EIO);
  }

  #receive(): Uint8Array {
    const capacity = BigInt(BUFFER_BYTES);
    const length = Number(libc().recv(this.#fd.number, this.#buffer, capacity, MSG_TRUNC));
    if (length < 0) throw failed(errno());
    if (length === 0 || length > BUFFER_BYTES) throw failed(EIO);
    return this.#buffer.subarray(0, length);
  }
}

/** True for the last message of a dump. @throws kernel/netlink_failed when it tells of an error */
function isEnd({ type, payload }: Message): boolean {
  if (type !== netlink.NLMSG_DONE && type !== netlink.NLMSG_ERROR) return false;
  const error = integer(payload, [0, 4]) | 0;
  if (error < 0) throw failed(-error);
  return true;
}

function failed(code: number): EBPFError {
  return kernelError("netlink_failed", "Cannot ask rtnetlink", code);
}

function tcRequest(ifindex: number, parent: number): Uint8Array {
  return new Struct(tcmsg).set("tcm_ifindex", ifindex).set("tcm_parent", parent).bytes;
}

/** An attribute of 4 bytes. */
function attribute(type: number, value: number): Uint8Array {
  const header = new Struct(nlattr).set("nla_len", nlattr.size + 4).set("nla_type", type);
  const bytes = new Uint8Array(nlattr.size + 4);
  bytes.set(header.bytes);
  new DataView(bytes.buffer).setUint32(nlattr.size, value, true);
  return bytes;
}

function requestBytes(
  type: number,
  sequence: number,
  body: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const length = nlmsghdr.size + body.reduce((sum, part) => sum + part.length, 0);
  const header = new Struct(nlmsghdr)
    .set("nlmsg_len", length)
    .set("nlmsg_type", type)
    .set("nlmsg_flags", netlink.NLM_F_REQUEST | netlink.NLM_F_DUMP)
    .set("nlmsg_seq", sequence);
  const bytes = fixedBytes(length);
  let at = 0;
  for (const part of [header.bytes, ...body]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
