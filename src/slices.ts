// Long work in slices: it yields wherever it may be interrupted, and whoever runs it decides
// whether the event loop gets a turn there. It never waits, so that it can also be done in one go.

/** Work that may be interrupted at each `yield`. Dropping it half done means disposing it. */
export type Slices<Result> = Generator<void, Result, void>;

/** An answer to another request takes several turns of the event loop: reads, a call, a write. */
const SLICE_MS = 10;

/** Lets the event loop see cancels, other calls and deadlines. */
export async function giveWay(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
}

/** Returns after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.max(0, ms));
    if (signal.aborted) wake();
    else signal.addEventListener("abort", wake);
  });
}

/** Does the work, giving way to others every 10 ms; ends it early when `signal` is aborted. */
export async function inSlices<Result>(
  work: Slices<Result>,
  signal: AbortSignal,
): Promise<Result> {
  using running = work; // dropped half done, it lets go of what it holds
  let sliceEnd = performance.now() + SLICE_MS;
  for (;;) {
    const step = running.next();
    if (step.done === true) return step.value;
    if (performance.now() < sliceEnd) continue;
    await giveWay(signal);
    sliceEnd = performance.now() + SLICE_MS;
  }
}

/** Does the work in one go, holding the event loop. */
export function atOnce<Result>(work: Slices<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
