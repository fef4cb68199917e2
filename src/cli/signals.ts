// SIGINT, SIGTERM and SIGHUP: the first ends in order, the second at once. A server on HTTP, which
// has no terminal to lose, takes SIGHUP as the order to read its configuration again.

const signals: ReadonlyMap<Deno.Signal, number> = new Map([
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
]);

/** What a shell reports of a process that a signal ended. */
const signalExitBase = 128;

export interface EndSignals {
  readonly ending: AbortSignal;
  /** From now on SIGHUP calls the listener and ends nothing. */
  divertHangup(listener: () => void): void;
  /** 128 + the number of the signal that came; null when none did. */
  exitCode(): number | null;
}

/**
 * Listens from now on, until disposed of. A second signal exits without waiting: the kernel cleans
 * up. @param exit ends the process
 */
export function listenForEnd(
  exit: (code: number) => void = Deno.exit,
): EndSignals & Disposable {
  const abort = new AbortController();
  using listening = new DisposableStack();
  let received: number | null = null;
  let onHangup: (() => void) | null = null;
  for (const [signal, number] of signals) {
    const hear = () => {
      if (signal === "SIGHUP" && onHangup !== null) return onHangup();
      if (received !== null) return exit(signalExitBase + number);
      received = number;
      abort.abort();
    };
    Deno.addSignalListener(signal, hear);
    listening.defer(() => Deno.removeSignalListener(signal, hear));
  }
  const owned = listening.move();
  return {
    ending: abort.signal,
    divertHangup(listener) {
      onHangup = listener;
    },
    exitCode: () => received === null ? null : signalExitBase + received,
    [Symbol.dispose]: () => owned.dispose(),
  };
}
