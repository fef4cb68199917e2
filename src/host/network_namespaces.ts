// The network namespaces that can be found from here, and short visits to them.
import { errno } from "../../ffi/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import { open_flags, openFile, readLink, readText, statFd } from "../../ffi/file.ts";
import { libc } from "../../ffi/library.ts";
import { kernelError, resourceError } from "../errors.ts";
import { visibleLine } from "../view/text.ts";
import { parseNamespaceMounts } from "./namespace_mounts.ts";
import { RouteSocket } from "./netlink/route_socket.ts";
import { processIds } from "./process_ids.ts";

export interface NetworkNamespace {
  /** As in `net:[4026531840]`, and as BPF links and bpftool tell it. */
  readonly inode: number;
  /** Its name for `ip netns`, or the path that it is mounted at; null when it has neither. */
  readonly name: string | null;
  /** The process of the lowest pid that lives in it; null when only a mount keeps it. */
  readonly pid: number | null;
  /** Whether it is the one that this process lives in. */
  readonly own: boolean;
  /** Opening this file gives a descriptor of it. */
  readonly path: string;
}

export interface FoundNamespaces {
  /** Ours first, then the others by rising inode. */
  readonly namespaces: readonly NetworkNamespace[];
  /** How many processes do not let us see where they live. */
  readonly hidden: number;
}

/** What a visit finds: valid until it ends. */
export interface Visit {
  /** A descriptor of the namespace. */
  readonly fd: number;
  readonly route: RouteSocket;
}

/** A promise's work would go on elsewhere. */
type Synchronous<Result> = Result extends PromiseLike<unknown> ? never : Result;

const CLONE_NEWNET = 0x40000000;
const EPERM = 1;
const EACCES = 13;
const MOUNTINFO_BYTES = 4 * 1024 * 1024;
const OWN_NAMESPACE = "/proc/thread-self/ns/net";

export class NetworkNamespaces {
  /**
   * Those of processes and mounts. Others may exist: kept by nothing but an open socket or
   * descriptor.
   */
  find(): FoundNamespaces {
    const own = inodeOf(readLink(OWN_NAMESPACE));
    const found = new Map<number, { name: string | null; pid: number | null; path: string }>();
    let hidden = 0;
    for (const pid of processIds()) {
      const path = `/proc/${pid}/ns/net`;
      const inode = inodeOf(readLink(path));
      if (inode === null && isRefusal(errno())) hidden++;
      if (inode !== null && !found.has(inode)) found.set(inode, { name: null, pid, path });
    }
    const mountinfo = readText("/proc/self/mountinfo", MOUNTINFO_BYTES) ?? "";
    for (const { inode, path } of parseNamespaceMounts(mountinfo)) {
      const known = found.get(inode);
      if (known !== undefined && known.name !== null) continue;
      found.set(inode, { name: visibleLine(nameOf(path)), pid: known?.pid ?? null, path });
    }
    if (own !== null && !found.has(own)) {
      found.set(own, { name: null, pid: null, path: OWN_NAMESPACE });
    }
    const namespaces = [...found]
      .map(([inode, rest]) => ({ inode, ...rest, own: inode === own }))
      .sort((a, b) => Number(b.own) - Number(a.own) || a.inode - b.inode);
    return { namespaces, hidden };
  }

  /**
   * Does synchronous work in a namespace: this thread is in it until `work` returns, and nothing
   * else runs meanwhile. The one that it is in already is not entered but simply used.
   *
   * @throws resource/namespace_not_found when it is gone
   * @throws permission/namespace_enter_failed without CAP_SYS_ADMIN, there or here
   * @throws kernel/netlink_failed
   * @see setns(2)
   */
  visit<Result>(
    namespace: NetworkNamespace,
    work: (visit: Visit) => Synchronous<Result>,
  ): Synchronous<Result> {
    using target = openNamespace(namespace);
    if (inodeOf(readLink(OWN_NAMESPACE)) === namespace.inode) return workWithSocket(target, work);
    const home = openFile(OWN_NAMESPACE, open_flags.O_RDONLY);
    if (typeof home === "number") throw enterError(namespace, home);
    using back = home;
    if (libc().setns(target.number, CLONE_NEWNET) < 0) throw enterError(namespace, errno());
    try {
      return workWithSocket(target, work);
    } finally {
      if (libc().setns(back.number, CLONE_NEWNET) < 0) dieAbroad(errno());
    }
  }
}

function workWithSocket<Result>(
  target: Fd,
  work: (visit: Visit) => Synchronous<Result>,
): Synchronous<Result> {
  using route = RouteSocket.open();
  return work({ fd: target.number, route });
}

/** A pid may be another process's by now, so the inode decides. */
function openNamespace(namespace: NetworkNamespace): Fd {
  const opened = openFile(namespace.path, open_flags.O_RDONLY);
  if (typeof opened === "number") {
    if (isRefusal(opened)) throw enterError(namespace, opened);
    throw gone(namespace);
  }
  const status = statFd(opened);
  if (typeof status !== "number" && Number(status.inode) === namespace.inode) return opened;
  opened[Symbol.dispose]();
  throw gone(namespace);
}

function isRefusal(code: number): boolean {
  return code === EPERM || code === EACCES;
}

function gone({ inode }: NetworkNamespace): Error {
  return resourceError("namespace_not_found", `There is no network namespace ${inode} any more`);
}

function enterError({ inode }: NetworkNamespace, code: number): Error {
  return kernelError("namespace_enter_failed", `Cannot enter network namespace ${inode}`, code, {
    hint: "entering one needs CAP_SYS_ADMIN, in the user namespace that owns it and in our own",
  });
}

/** Everything later would answer for another network, and the session's own work go wrong there. */
function dieAbroad(code: number): never {
  const text = `Cannot return to this process's network namespace (errno ${code}): it ends\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(text));
  Deno.exit(1);
}

function inodeOf(link: string | null): number | null {
  const digits = /^net:\[(\d+)\]$/.exec(link ?? "")?.[1];
  return digits === undefined ? null : Number(digits);
}

function nameOf(path: string): string {
  return /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path)?.[1] ?? path;
}
