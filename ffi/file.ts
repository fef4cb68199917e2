// Files through libc: Deno refuses /proc and /sys even where reading is allowed, and knows neither
// openat2 nor descriptors. Every function answers a positive errno instead of throwing.
import { errno } from "./errno.ts";
import { Fd } from "./fd.ts";
import { dirent64, open_how, statx } from "./layouts/libc.ts";
import { libc } from "./library.ts";
import { cString } from "./memory.ts";
import { fixedBytes, Struct } from "./struct.ts";
import { systemCall } from "./syscalls.ts";

/** fcntl.h flags, equal on x86-64 and arm64 but for O_DIRECTORY, which is not used. */
export const open_flags = {
  O_RDONLY: 0,
  O_RDWR: 2,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
} as const;

/** openat2(2) resolve flags. */
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_BENEATH = 0x08;

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
/** Of a file whose size reads as 0, as in procfs. */
const FIRST_READ_BYTES = 4096;
const DIRECTORY_BYTES = 8192;
const TEXT_BYTES = 1 << 16;
const EFBIG = 27;

export type FileKind = "regular" | "directory" | "fifo" | "device" | "link" | "socket" | "other";

const kinds: ReadonlyMap<number, FileKind> = new Map([
  [0o100000, "regular"],
  [0o040000, "directory"],
  [0o010000, "fifo"],
  [0o020000, "device"],
  [0o060000, "device"],
  [0o120000, "link"],
  [0o140000, "socket"],
]);

export interface FileStatus {
  kind: FileKind;
  /** Bytes. */
  size: number;
  inode: bigint;
}

/** Opens `path` with O_CLOEXEC. */
export function openFile(path: string, flags: number): Fd | number {
  const fd = libc().open(cString(path), flags | open_flags.O_CLOEXEC, 0);
  return fd < 0 ? errno() : new Fd(fd);
}

/**
 * Opens `relative` below the directory `root`; the kernel refuses `..` and links that lead out
 * (EXDEV) and magic links (ELOOP). @since Linux 5.6 @see openat2(2)
 */
export function openBeneath(root: Fd, relative: string, flags: number): Fd | number {
  const how = new Struct(open_how)
    .set("flags", flags | open_flags.O_CLOEXEC)
    .set("resolve", RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  const path = cString(relative);
  const fd = systemCall("openat2", root.number, path, how.bytes, how.layout.size);
  return fd < 0 ? errno() : new Fd(fd);
}

/** Kind and size of an open file (O_PATH ones too). @since Linux 4.11 @see statx(2) */
export function statFd(fd: Fd): FileStatus | number {
  return status(fd.number, "", AT_EMPTY_PATH);
}

/** Kind and size of what `path` leads to, links followed. */
export function statPath(path: string): FileStatus | number {
  return status(AT_FDCWD, path, 0);
}

/** Kind and size of what lies at `path` itself: of a link, not of where it leads. */
export function statLink(path: string): FileStatus | number {
  return status(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

function status(dirfd: number, path: string, flags: number): FileStatus | number {
  const buffer = new Struct(statx);
  const result = libc().statx(dirfd, cString(path), flags, STATX_BASIC_STATS, buffer.bytes);
  if (result < 0) return errno();
  const kind = kinds.get(buffer.number("stx_mode") & 0o170000) ?? "other";
  return { kind, size: Number(buffer.bigint("stx_size")), inode: buffer.bigint("stx_ino") };
}

/** Everything that can be read from `fd`, at most `maxBytes` (EFBIG beyond). */
export function readFd(
  fd: Fd,
  maxBytes: number,
  expectedBytes = 0,
): Uint8Array<ArrayBuffer> | number {
  let buffer = fixedBytes(Math.min(Math.max(expectedBytes + 1, FIRST_READ_BYTES), maxBytes + 1));
  let length = 0;
  for (;;) {
    const room = buffer.subarray(length);
    const count = Number(libc().read(fd.number, room, BigInt(room.length)));
    if (count < 0) return errno();
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > maxBytes) return EFBIG;
    if (length === buffer.length) {
      const larger = fixedBytes(Math.min(buffer.length * 2, maxBytes + 1));
      larger.set(buffer);
      buffer = larger;
    }
  }
}

/** The whole of a file, at most `maxBytes` (EFBIG beyond). For files whose size reads as 0 too. */
export function readFile(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | number {
  const fd = openFile(path, open_flags.O_RDONLY);
  if (typeof fd === "number") return fd;
  using owned = fd;
  const found = statFd(owned);
  return readFd(owned, maxBytes, typeof found === "number" ? 0 : found.size);
}

/** A small text file (procfs, sysfs) without its final newline; null when it cannot be read. */
export function readText(path: string, maxBytes = TEXT_BYTES): string | null {
  const bytes = readFile(path, maxBytes);
  return typeof bytes === "number" ? null : new TextDecoder().decode(bytes).replace(/\n$/, "");
}

/** An extended attribute of what `path` leads to; ERANGE when it is longer than `maxBytes`. */
export function readAttribute(
  path: string,
  name: string,
  maxBytes: number,
): Uint8Array<ArrayBuffer> | number {
  const value = fixedBytes(maxBytes);
  const size = BigInt(maxBytes);
  const length = Number(libc().getxattr(cString(path), cString(name), value, size));
  return length < 0 ? errno() : value.subarray(0, length);
}

/** The first bytes of a file that may be long or slow to read whole: what one read gives. */
export function readStart(path: string, bytes: number): Uint8Array<ArrayBuffer> | number {
  const opened = openFile(path, open_flags.O_RDONLY);
  if (typeof opened === "number") return opened;
  using fd = opened;
  const buffer = fixedBytes(bytes);
  const count = Number(libc().read(fd.number, buffer, BigInt(buffer.length)));
  return count < 0 ? errno() : buffer.subarray(0, count);
}

/** Names in a directory, without `.` and `..`, in the kernel's order. @see getdents64(2) */
export function readDirectory(path: string): string[] | number {
  const opened = openFile(path, open_flags.O_RDONLY);
  if (typeof opened === "number") return opened;
  using fd = opened;
  return readEntries(fd);
}

/** The same of a directory that is open, from where it was last read. */
export function readEntries(fd: Fd): string[] | number {
  const names: string[] = [];
  const buffer = fixedBytes(DIRECTORY_BYTES);
  const view = new DataView(buffer.buffer);
  const decoder = new TextDecoder();
  const [lengthAt] = dirent64.fields.d_reclen;
  const [nameAt] = dirent64.fields.d_name;
  for (;;) {
    const count = systemCall("getdents64", fd.number, buffer, buffer.length);
    if (count < 0) return errno();
    if (count === 0) return names;
    for (let at = 0; at < count; at += view.getUint16(at + lengthAt, true)) {
      const end = buffer.indexOf(0, at + nameAt);
      const name = decoder.decode(buffer.subarray(at + nameAt, end));
      if (name !== "." && name !== "..") names.push(name);
    }
  }
}

/** Target of a symbolic link; null when it cannot be read. */
export function readLink(path: string): string | null {
  const buffer = fixedBytes(4096);
  const length = Number(libc().readlink(cString(path), buffer, BigInt(buffer.length)));
  return length < 0 ? null : new TextDecoder().decode(buffer.subarray(0, length));
}
