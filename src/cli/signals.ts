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

/** Listens from now on. A second signal exits without waiting: the kernel cleans up. */
export function listenForEnd(): EndSignals {
  const abort = new AbortController();
  let received: number | null = null;
  let onHangup: (() => void) | null = null;
  for (const [signal, number] of signals) {
    Deno.addSignalListener(signal, () => {
      if (signal === "SIGHUP" && onHangup !== null) return onHangup();
      if (received !== null) Deno.exit(signalExitBase + number);
      received = number;
      abort.abort();
    });
  }
  return {
    ending: abort.signal,
    divertHangup(listener) {
      onHangup = listener;
    },
    exitCode: () => received === null ? null : signalExitBase + received,
  };
}
