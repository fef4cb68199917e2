// One attachment of one program to one hook, held by a descriptor: closing it detaches.
import { errno } from "../../ffi/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import type { LinkHandle } from "../../ffi/handles.ts";
import { bpf_link_info } from "../../ffi/layouts/bpf_info.ts";
import { libbpf, libc } from "../../ffi/library.ts";
import { addressOf } from "../../ffi/memory.ts";
import { fixedBytes, Struct } from "../../ffi/struct.ts";
import { linkInfo } from "./link_info.ts";
import { isDetached } from "./link_target.ts";

/** How the kernel holds an attachment; `perf_ioctl` has no link id and shows in no list. */
export type Mechanism = "bpf_link" | "perf_ioctl";

/** linux/perf_event.h: _IOWR('$', 10, struct perf_event_query_bpf *) */
const PERF_EVENT_IOC_QUERY_BPF = 0xc008240an;
const MOST_PROGRAMS_PER_EVENT = 64;

export class Link implements Disposable, AsyncDisposable {
  readonly mechanism: Mechanism;
  /** The kernel's id; null for a perf_ioctl attachment. */
  readonly id: number | null;
  #held: LinkHandle | Fd | null;

  private constructor(held: LinkHandle | Fd) {
    this.#held = held;
    const info = readInfo(this.fd);
    this.mechanism = info === null ? "perf_ioctl" : "bpf_link";
    this.id = info === null ? null : info.number("id");
  }

  /** Takes ownership of libbpf's link. */
  static fromHandle(handle: LinkHandle): Link {
    return new Link(handle);
  }

  /** Takes ownership of a descriptor that BPF_LINK_CREATE gave. */
  static fromFd(fd: number): Link {
    return new Link(new Fd(fd));
  }

  /** The link's descriptor, or the perf event's; -1 once released. */
  get fd(): number {
    const held = this.#held;
    if (held === null) return -1;
    return held instanceof Fd ? held.number : libbpf().bpf_link__fd(held);
  }

  /** Asks the kernel anew whether this attachment exists and runs the program. */
  confirm(programId: number): boolean {
    if (this.fd < 0) return false;
    if (this.mechanism === "perf_ioctl") return programsOfPerfEvent(this.fd).includes(programId);
    if (readInfo(this.fd) === null) return false;
    const info = linkInfo(this.fd);
    return info.id === this.id && info.programId === programId && !isDetached(info.target);
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

/** Null when `fd` is no BPF link. */
function readInfo(fd: number): Struct<keyof typeof bpf_link_info.fields & string> | null {
  const info = new Struct(bpf_link_info);
  const length = new Uint32Array(new ArrayBuffer(72));
  length[0] = bpf_link_info.size;
  return libbpf().bpf_obj_get_info_by_fd(fd, info.bytes, length) === 0 ? info : null;
}

/** Ids of the programs on a perf event; empty when the query is refused. @since Linux 4.17 */
function programsOfPerfEvent(fd: number): number[] {
  // struct perf_event_query_bpf { __u32 ids_len, prog_cnt; __u32 ids[]; }
  const query = fixedBytes(8 + 4 * MOST_PROGRAMS_PER_EVENT);
  const words = new Uint32Array(query.buffer);
  words[0] = MOST_PROGRAMS_PER_EVENT;
  if (addressOf(query) === 0n || libc().ioctl(fd, PERF_EVENT_IOC_QUERY_BPF, query) < 0) return [];
  return [...words.subarray(2, 2 + Math.min(words[1], MOST_PROGRAMS_PER_EVENT))];
}

/** errno of a libbpf attach that answered NULL, or the negated answer of BPF_LINK_CREATE. */
export function attachErrno(answer: number | null): number {
  return answer === null ? errno() : -answer;
}
