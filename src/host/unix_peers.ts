// Who is connected to a Unix socket of this process, as the kernel noted it when they connected.
import { readDirectory, readLink } from "../../ffi/file.ts";
import { sockaddr_un, ucred } from "../../ffi/layouts/libc.ts";
import { libc } from "../../ffi/library.ts";
import { fixedBytes, Struct } from "../../ffi/struct.ts";
import { systemCall } from "../../ffi/syscalls.ts";

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_ACCEPTCONN = 30;
const SHUT_RDWR = 2;

interface Peer {
  readonly fd: number;
  readonly uid: number;
  /** The socket itself: its credentials are those of whoever listens, us. */
  readonly isListener: boolean;
}

/**
 * Shuts the connections to the socket whose peers are other users than its listener's. The runtime
 * gives no descriptor with a request, so all those of the socket are looked at.
 * @returns the user ids of those that were shut
 */
export function shutForeignPeers(boundPath: string): number[] {
  const peers = peersOf(boundPath);
  const own = peers.find((peer) => peer.isListener)?.uid;
  const foreign = peers.filter((peer) => !peer.isListener && peer.uid !== own);
  for (const { fd } of foreign) libc().shutdown(fd, SHUT_RDWR);
  return foreign.map(({ uid }) => uid);
}

function peersOf(boundPath: string): Peer[] {
  const names = readDirectory("/proc/self/fd");
  if (typeof names === "number") throw new Error(`cannot list our descriptors: errno ${names}`);
  return names.flatMap((name) => {
    const fd = Number(name);
    const isSocket = readLink(`/proc/self/fd/${name}`)?.startsWith("socket:") ?? false;
    return isSocket && boundTo(fd) === boundPath ? peerOf(fd) ?? [] : [];
  });
}

/** The path that a Unix socket is bound to; null for other sockets. @see getsockname(2) */
function boundTo(fd: number): string | null {
  const address = new Struct(sockaddr_un);
  const length = lengthOf(address.layout.size);
  if (systemCall("getsockname", fd, address.bytes, length) < 0) return null;
  const AF_UNIX = 1;
  if (address.number("sun_family") !== AF_UNIX) return null;
  const [start] = sockaddr_un.fields.sun_path;
  const path = address.bytes.subarray(start);
  const end = path.indexOf(0);
  return new TextDecoder().decode(path.subarray(0, end === -1 ? path.length : end));
}

/** @see unix(7), SO_PEERCRED */
function peerOf(fd: number): Peer | null {
  const credentials = new Struct(ucred);
  const length = lengthOf(credentials.layout.size);
  if (libc().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials.bytes, length) < 0) return null;
  const listening = fixedBytes(4);
  if (libc().getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, listening, lengthOf(4)) < 0) return null;
  return { fd, uid: credentials.number("uid"), isListener: listening[0] === 1 };
}

/** A socklen_t that the kernel reads and writes. */
function lengthOf(size: number): Uint8Array<ArrayBuffer> {
  const length = fixedBytes(4);
  new DataView(length.buffer).setUint32(0, size, true);
  return length;
}
