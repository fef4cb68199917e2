// One epoll for all rings of the process. Deno has 32 threads for blocking calls; this takes one,
// however many rings are read. When a wake-up moved something, rings are looked at by timer until
// nothing moves, so that a busy ring costs no wake-up per event (11-14 million events/s against
// 2-4 million with an epoll round trip each); then the poller sleeps in epoll again.
import { errno } from "../../ffi/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import { epoll_event } from "../../ffi/layouts/libc.ts";
import { libc } from "../../ffi/library.ts";
import { fixedBytes, Struct } from "../../ffi/struct.ts";
import { kernelError } from "../errors.ts";

const EPOLL_CLOEXEC = 0o2000000;
const EFD_CLOEXEC_NONBLOCK = 0o2004000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;

/** Between two looks under load. */
const coalesceMs = 1;
/** Looks in a row that must find nothing before we sleep in epoll. */
const quietLooks = 2;
/** Longest sleep: a bound on what a wake-up that the kernel did not send could cost. */
const sleepMs = 200;
const wakeableEvents = 16;

/** Looks at a ring. Answers true when it moved something. Must not throw. */
export type Look = () => boolean;

interface Source {
  readonly fds: readonly number[];
  readonly look: Look;
}

/** Wakes readers of rings. Runs while anybody listens. */
export class Poller implements AsyncDisposable {
  readonly #sources = new Set<Source>();
  #running: Promise<void> | null = null;
  #wake: Fd | null = null;
  #epoll: Fd | null = null;
  #closed = false;

  /**
   * Calls `look` soon after any of `fds` becomes readable, until the answer is disposed. The
   * descriptors must stay open until then.
   * @throws kernel/ring_open_failed with epoll's errno
   */
  add(fds: readonly number[], look: Look): Disposable {
    if (this.#closed) throw new TypeError("the poller is closed");
    const epoll = this.#open();
    const source: Source = { fds, look };
    using added = new DisposableStack();
    for (const fd of fds) {
      control(epoll, EPOLL_CTL_ADD, fd);
      added.defer(() => control(epoll, EPOLL_CTL_DEL, fd));
    }
    this.#sources.add(source);
    added.defer(() => this.#remove(source));
    this.#running ??= this.#run(epoll);
    return added.move();
  }

  /** Sources that are listened to. */
  get size(): number {
    return this.#sources.size;
  }

  #remove(source: Source): void {
    this.#sources.delete(source);
    if (this.#sources.size === 0) this.#interrupt();
  }

  /** Lets a sleeping epoll_wait return. */
  #interrupt(): void {
    const one = fixedBytes(8);
    one[0] = 1;
    if (this.#wake !== null) libc().write(this.#wake.number, one, 8n);
  }

  #open(): Fd {
    if (this.#epoll !== null) return this.#epoll;
    using owned = new DisposableStack();
    const epoll = owned.use(opened("epoll_create1", libc().epoll_create1(EPOLL_CLOEXEC)));
    const wake = owned.use(opened("eventfd", libc().eventfd(0, EFD_CLOEXEC_NONBLOCK)));
    control(epoll, EPOLL_CTL_ADD, wake.number);
    owned.move();
    this.#epoll = epoll;
    this.#wake = wake;
    return epoll;
  }

  async #run(epoll: Fd): Promise<void> {
    const events = fixedBytes(epoll_event.size * wakeableEvents);
    while (this.#sources.size > 0) {
      await libc().epoll_wait_async(epoll.number, events, wakeableEvents, sleepMs);
      this.#clearWake();
      await this.#lookUntilQuiet();
    }
    this.#running = null;
  }

  async #lookUntilQuiet(): Promise<void> {
    for (let quiet = 0; quiet < quietLooks && this.#sources.size > 0;) {
      let moved = false;
      for (const source of [...this.#sources]) {
        if (this.#sources.has(source) && source.look()) moved = true;
      }
      quiet = moved ? 0 : quiet + 1;
      if (quiet < quietLooks) await new Promise((resolve) => setTimeout(resolve, coalesceMs));
    }
  }

  #clearWake(): void {
    if (this.#wake !== null) libc().read(this.#wake.number, fixedBytes(8), 8n);
  }

  /** Lets nobody in any more and waits until the thread is back. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#sources.clear();
    this.#interrupt();
    await this.#running;
    this.#wake?.[Symbol.dispose]();
    this.#epoll?.[Symbol.dispose]();
  }
}

function opened(call: string, fd: number): Fd {
  if (fd >= 0) return new Fd(fd);
  throw kernelError("ring_open_failed", `Cannot listen to rings: ${call} failed`, errno());
}

function control(epoll: Fd, operation: number, fd: number): void {
  const event = new Struct(epoll_event).set("events", EPOLLIN).set("data.u64", fd);
  const result = libc().epoll_ctl(epoll.number, operation, fd, event.bytes);
  if (result < 0 && operation === EPOLL_CTL_ADD) {
    throw kernelError("ring_open_failed", "Cannot listen to a ring: epoll_ctl failed", errno());
  }
}
