// What code a process has mapped, and the files that it comes from.
import type { Fd } from "../../ffi/fd.ts";
import { open_flags, openBeneath, openFile, readFd, readText, statFd } from "../../ffi/file.ts";
import { libc } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";

/** A stretch of memory that may be executed. */
export interface CodeMapping {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
  /** Where it starts in the file. */
  readonly fileOffset: number;
  /** `major:minor inode`; "00:00 0" without a file. */
  readonly file: string;
  /** As the kernel writes it; "" of memory without a name. */
  readonly path: string;
}

const MAX_MAPS_BYTES = 16 << 20;
const MAX_PERF_MAP_BYTES = 64 << 20;
const LINE = /^([0-9a-f]+)-([0-9a-f]+) (..x.) ([0-9a-f]+) (\S+) (\d+) *(.*)$/;

/** Null when the process is gone, or not ours to look into. */
export function readCodeMappings(pid: number): CodeMapping[] | null {
  const text = readText(`/proc/${pid}/maps`, MAX_MAPS_BYTES);
  return text === null || text === "" ? null : parseMaps(text);
}

/** By rising address, as the kernel lists them. */
export function parseMaps(text: string): CodeMapping[] {
  return text.split("\n").flatMap((line) => {
    const [, start, end, mode = "", offset, device, inode, path = ""] = LINE.exec(line) ?? [];
    if (start === undefined || end === undefined || mode[2] !== "x") return [];
    return [{
      start: parseInt(start, 16),
      end: parseInt(end, 16),
      fileOffset: parseInt(offset ?? "0", 16),
      file: `${device} ${inode}`,
      path,
    }];
  });
}

/** A mapped file, open for reading parts of it. */
export class MappedFile implements Disposable {
  readonly #fd: Fd;
  readonly #base: number;

  private constructor(fd: Fd, readonly size: number, base = 0) {
    this.#fd = fd;
    this.#base = base;
  }

  /** The kernel's own code in a process is in no file: it is read out of its memory. */
  static ofVdso(pid: number, { start, end }: CodeMapping): MappedFile | null {
    const memory = openFile(`/proc/${pid}/mem`, open_flags.O_RDONLY);
    return typeof memory === "number" ? null : new MappedFile(memory, end - start, start);
  }

  /** Takes ownership of a file that is open for reading. */
  static of(fd: Fd): MappedFile {
    const status = statFd(fd);
    return new MappedFile(fd, typeof status === "number" ? 0 : status.size);
  }

  /**
   * The very file that is mapped, even when it was deleted or replaced, where the kernel gives it
   * (/proc/PID/map_files takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE); else what is at its path
   * in the process's mount namespace, if that is the same file. Null when neither can be had.
   */
  static open(pid: number, { start, end, file, path }: CodeMapping): MappedFile | null {
    const range = `${start.toString(16)}-${end.toString(16)}`;
    const exact = openFile(`/proc/${pid}/map_files/${range}`, open_flags.O_RDONLY);
    const opened = typeof exact === "number" && path.startsWith("/")
      ? openFile(`/proc/${pid}/root${path}`, open_flags.O_RDONLY)
      : exact;
    if (typeof opened === "number") return null;
    const status = statFd(opened);
    const isFile = typeof status !== "number" && status.kind === "regular" &&
      file.endsWith(` ${status.inode}`);
    if (isFile) return new MappedFile(opened, status.size);
    opened[Symbol.dispose]();
    return null;
  }

  /** Null when the file does not have all of these bytes. */
  readAt(offset: number, length: number): Uint8Array | null {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > this.size) return null;
    const bytes = fixedBytes(length);
    const start = BigInt(this.#base + offset);
    for (let at = 0; at < length;) {
      const rest = bytes.subarray(at);
      const count = Number(
        libc().pread(this.#fd.number, rest, BigInt(rest.length), start + BigInt(at)),
      );
      if (count <= 0) return null;
      at += count;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]();
  }
}

/** What a process wrote of code that it made at run time. */
export interface PerfMapText {
  /** Changes when the file does. */
  readonly stamp: string;
  readonly text: string;
}

/**
 * The perf map of a process, which names it as the process's own pid namespace numbers it. Null
 * where there is none; "same" when it still has this stamp. A link cannot lead out of the process's
 * root folder, nor can a pipe in its place hold us up.
 */
export function readPerfMap(pid: number, stamp: string | null): PerfMapText | "same" | null {
  const status = readText(`/proc/${pid}/status`) ?? "";
  const own = /^NSpid:.*\t(\d+)$/m.exec(status)?.[1] ?? String(pid);
  const root = openFile(`/proc/${pid}/root`, open_flags.O_PATH);
  if (typeof root === "number") return null;
  using folder = root;
  const flags = open_flags.O_RDONLY | open_flags.O_NONBLOCK;
  const opened = openBeneath(folder, `tmp/perf-${own}.map`, flags);
  if (typeof opened === "number") return null;
  using fd = opened;
  const found = statFd(fd);
  if (typeof found === "number" || found.kind !== "regular") return null;
  const now = `${found.inode} ${found.size}`;
  if (now === stamp) return "same";
  const bytes = readFd(fd, MAX_PERF_MAP_BYTES, found.size);
  return { stamp: now, text: typeof bytes === "number" ? "" : new TextDecoder().decode(bytes) };
}
