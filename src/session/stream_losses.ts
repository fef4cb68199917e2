// What a stream's source says was lost, from the stream's start to its end.
import { EBPFError } from "../errors.ts";
import type { StreamSource } from "./stream_source.ts";

/** Counts since the load; null when nobody counts. */
interface Losses {
  readonly dropped: bigint | null;
  readonly missedRuns: bigint | null;
}

export class StreamLosses {
  readonly #source: StreamSource;
  readonly #before: Losses;
  #atEnd: Losses | null = null;

  /** Counts from now on. */
  constructor(source: StreamSource) {
    this.#source = source;
    this.#before = lossesOf(source);
  }

  /** Looks a last time. */
  finish(): void {
    this.#atEnd = lossesOf(this.#source);
  }

  read(): Losses {
    const now = this.#atEnd ?? lossesOf(this.#source);
    return {
      dropped: since(this.#before.dropped, now.dropped),
      missedRuns: since(this.#before.missedRuns, now.missedRuns),
    };
  }
}

function lossesOf(source: StreamSource): Losses {
  return {
    dropped: readable(() => source.droppedCount()),
    missedRuns: readable(() => source.missedRuns()),
  };
}

function since(before: bigint | null, now: bigint | null): bigint | null {
  return before === null || now === null ? null : now - before;
}

/** Null also when what holds the count cannot be read (any more). */
function readable(count: () => bigint | null): bigint | null {
  try {
    return count();
  } catch (error) {
    if (error instanceof EBPFError) return null;
    throw error;
  }
}
