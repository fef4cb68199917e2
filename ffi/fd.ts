// A file descriptor that is closed exactly once.
import { errno } from "./errno.ts";
import { libc } from "./library.ts";

const F_DUPFD_CLOEXEC = 1030;

export class Fd implements Disposable, AsyncDisposable {
  #fd: number;

  /** Takes ownership of an open descriptor. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Another descriptor for the same open file, or a positive errno. */
  static duplicate(fd: number): Fd | number {
    const copy = libc().fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? errno() : new Fd(copy);
  }

  /** The descriptor's number; -1 once it was closed or handed over. */
  get number(): number {
    return this.#fd;
  }

  /** Hands the descriptor over: the caller closes it from here on. */
  release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return fd;
  }

  [Symbol.dispose](): void {
    const fd = this.release();
    if (fd >= 0) libc().close(fd);
  }

  /** Closes off the main thread: closing a tracing link can take 70 ms. */
  async [Symbol.asyncDispose](): Promise<void> {
    const fd = this.release();
    if (fd >= 0) await libc().close_async(fd);
  }
}
