// One attachment of one program to one hook, held by a descriptor: closing it detaches.
import { Fd } from "../../ffi/fd.ts";
import type { LinkHandle } from "../../ffi/handles.ts";
import { bpf_link_info } from "../../ffi/layouts/bpf_info.ts";
import { libbpf, libc } from "../../ffi/library.ts";
import { fixedBytes, Struct } from "../../ffi/struct.ts";
import { linkInfo } from "./link_info.ts";
import { isDetached } from "./link_target.ts";

/** How the kernel holds an attachment; `perf_ioctl` has no link id and shows in no list. */
export type Mechanism = "bpf_link" | "perf_ioctl";

/** linux/perf_event.h: _IOWR('$', 10, struct perf_event_query_bpf *) */
const PERF_EVENT_IOC_QUERY_BPF = 0xc008240an;
const MOST_PROGRAMS_PER_EVENT = 64;
/** Of the function, file or tracepoint, which is not looked at. */
const NAME_BYTES = 4096;
const EPERM = 1;
const ENOSPC = 28;
const EOPNOTSUPP = 95;

export class Link implements Disposable, AsyncDisposable {
  readonly mechanism: Mechanism;
  /** The kernel's ids, one for each part; none for a perf_ioctl attachment. */
  readonly ids: readonly number[];
  /** Descriptors of the links, or of the perf events. */
  readonly #parts: readonly number[];
  #held: LinkHandle | Fd | null;

  private constructor(held: LinkHandle | Fd, parts: readonly number[]) {
    this.#held = held;
    this.#parts = parts;
    const infos = parts.flatMap((fd) => readInfo(fd) ?? []);
    this.mechanism = infos.length < parts.length ? "perf_ioctl" : "bpf_link";
    this.ids = infos.map((info) => info.number("id"));
  }

  /** Takes ownership of libbpf's link. */
  static fromHandle(handle: LinkHandle): Link {
    return new Link(handle, [libbpf().bpf_link__fd(handle)]);
  }

  /** The same, of one that holds several descriptors and does not tell which. */
  static fromParts(handle: LinkHandle, parts: readonly number[]): Link {
    return new Link(handle, parts);
  }

  /** Takes ownership of a descriptor that BPF_LINK_CREATE gave. */
  static fromFd(fd: number): Link {
    return new Link(new Fd(fd), [fd]);
  }

  /** The first descriptor of a link, or of a perf event; -1 once released. */
  get fd(): number {
    return this.#held === null ? -1 : this.#parts[0] ?? -1;
  }

  /** Whether it is an iterator, which runs when it is read. */
  get isIterator(): boolean {
    if (this.mechanism === "perf_ioctl" || this.fd < 0) return false;
    return linkInfo(this.fd).target.kind === "iter";
  }

  /** Asks the kernel anew whether this attachment exists and runs the program. */
  confirm(programId: number): boolean {
    if (this.#held === null || this.#parts.length === 0) return false;
    if (this.mechanism === "perf_ioctl") {
      return this.#parts.every((fd) => runsOnPerfEvent(fd, programId));
    }
    return this.#parts.every((fd, index) => isLinkOf(fd, this.ids[index], programId));
  }

  [Symbol.dispose](): void {
    const held = this.#take();
    if (held === null) return;
    if (held instanceof Fd) held[Symbol.dispose]();
    else libbpf().bpf_link__destroy(held);
  }

  /** Detaches off the main thread: a tracepoint takes 70 ms. */
  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#take();
    if (held === null) return;
    if (held instanceof Fd) await held[Symbol.asyncDispose]();
    else await libbpf().bpf_link__destroy_async(held);
  }

  /** First of all, so that a second dispose cannot free twice. */
  #take(): LinkHandle | Fd | null {
    const held = this.#held;
    this.#held = null;
    return held;
  }
}

function isLinkOf(fd: number, id: number, programId: number): boolean {
  if (readInfo(fd) === null) return false;
  const info = linkInfo(fd);
  return info.id === id && info.programId === programId && !isDetached(info.target);
}

/** Null when `fd` is no BPF link. */
function readInfo(fd: number): Struct<keyof typeof bpf_link_info.fields & string> | null {
  const info = new Struct(bpf_link_info);
  const length = new Uint32Array(new ArrayBuffer(72));
  length[0] = bpf_link_info.size;
  return libbpf().bpf_obj_get_info_by_fd(fd, info.bytes, length) === 0 ? info : null;
}

/**
 * Whether the kernel says that this perf event runs this program.
 * BPF_TASK_FD_QUERY names the program of a kprobe, uprobe or tracepoint. Of a perf_event program it
 * only tells that there is one (EOPNOTSUPP; ENOENT if not): nobody else has the event, so it is the
 * one that was put there. @since Linux 4.18 @see kernel/bpf/syscall.c, bpf_task_fd_query
 */
function runsOnPerfEvent(fd: number, programId: number): boolean {
  const name = fixedBytes(NAME_BYTES);
  const length = new Uint32Array(fixedBytes(4).buffer);
  length[0] = name.length;
  const program = new Uint32Array(fixedBytes(4).buffer);
  const [type, offset, address] = [fixedBytes(4), fixedBytes(8), fixedBytes(8)];
  const pid = libc().getpid();
  const answer = libbpf().bpf_task_fd_query(
    pid,
    fd,
    0,
    name,
    length,
    program,
    type,
    offset,
    address,
  );
  if (answer === 0 || answer === -ENOSPC) return program[0] === programId;
  if (answer === -EOPNOTSUPP) return true;
  return answer === -EPERM && programsOfPerfEvent(fd).includes(programId);
}

/** Without CAP_SYS_ADMIN a tracepoint's event still tells its programs. @since Linux 4.17 */
function programsOfPerfEvent(fd: number): number[] {
  // struct perf_event_query_bpf { __u32 ids_len, prog_cnt; __u32 ids[]; }
  const query = fixedBytes(8 + 4 * MOST_PROGRAMS_PER_EVENT);
  const words = new Uint32Array(query.buffer);
  words[0] = MOST_PROGRAMS_PER_EVENT;
  if (libc().ioctl(fd, PERF_EVENT_IOC_QUERY_BPF, query) < 0) return [];
  return [...words.subarray(2, 2 + Math.min(words[1], MOST_PROGRAMS_PER_EVENT))];
}
