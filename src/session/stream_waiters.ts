// Who waits for something to happen to a stream.

export class StreamWaiters {
  readonly #waiters = new Set<() => void>();

  /** Lets everybody look again. */
  notify(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Returns when `isDone` says so after a `notify`, after `ms`, or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal, isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        if (isDone()) finish();
      };
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#waiters.add(wake);
      signal.addEventListener("abort", finish);
      if (signal.aborted || isDone()) finish();
    });
  }
}
