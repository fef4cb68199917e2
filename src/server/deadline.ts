// One signal of several: the client's cancel, the connection's end, the tool's maximum time.
import { EBPFError, resourceError } from "../errors.ts";

/** After the signal a tool has this long to release what it holds, before the answer is given. */
const graceMs = 2_000;

export interface Limits {
  readonly tool: string;
  readonly maxTimeMs: number;
  /** The client's cancel or the connection's end. */
  readonly cancel: AbortSignal;
}

/**
 * Runs the work under a deadline. A tool that returns in time after the signal is believed: it
 * gives what it has. One that does not is answered for, and goes on unwinding by itself.
 * @throws resource/deadline_exceeded or resource/cancelled, and whatever the work throws
 */
export async function withDeadline<Result>(
  limits: Limits,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController();
  const gaveUp = Promise.withResolvers<never>();
  let grace: number | undefined;
  const end = (reason: EBPFError) => {
    if (abort.signal.aborted) return;
    abort.abort(reason);
    grace = setTimeout(() => gaveUp.reject(reason), graceMs);
  };
  const cancelled = () => end(cancelledError(limits.tool));
  const deadline = setTimeout(() => end(lateError(limits)), limits.maxTimeMs);
  limits.cancel.addEventListener("abort", cancelled, { once: true });
  if (limits.cancel.aborted) cancelled();
  try {
    const running = work(abort.signal);
    running.catch(() => {}); // it may fail after we gave up on it
    return await Promise.race([running, gaveUp.promise]);
  } catch (error) {
    // The abort's own reason outranks what the tool made of it (a DOMException, say).
    if (abort.signal.aborted && !(error instanceof EBPFError)) throw abort.signal.reason;
    throw error;
  } finally {
    clearTimeout(deadline);
    clearTimeout(grace);
    limits.cancel.removeEventListener("abort", cancelled);
  }
}

function cancelledError(tool: string): EBPFError {
  return resourceError("cancelled", `Cannot finish "${tool}": it was cancelled`);
}

function lateError({ tool, maxTimeMs }: Limits): EBPFError {
  return resourceError(
    "deadline_exceeded",
    `Cannot finish "${tool}": it ran ${maxTimeMs} ms, its maximum`,
    { max_time_ms: maxTimeMs, hint: "Ask for less at a time, or run it in the background" },
  );
}
