// A few of the events that go into a sum, as they came: the first two, and three spread over the
// rest, by powers of two of their number.
import type { QueuedRecord } from "./stream_queue.ts";

const first = 2;
const spread = 3;
/** Larger records are no samples. */
const mostBytes = 8192;

export class StreamSamples {
  #kept: QueuedRecord[] = [];
  /** Of the next sample, counted from 1. */
  #next = 1;
  #due = 1;
  #spread = 0;

  /** Events until the next one is wanted; whoever counts it down calls `keep` at 0. */
  get due(): number {
    return this.#due;
  }

  set due(events: number) {
    this.#due = events;
  }

  /** Copies the event that was due. */
  keep(u8: Uint8Array, offset: number, length: number, type: number, cpu: number): void {
    const following = this.#next < first ? this.#next + 1 : 2 * this.#next;
    this.#due = following - this.#next;
    this.#next = following;
    if (length > mostBytes) return;
    const bytes = u8.slice(offset, offset + length);
    const place = this.#kept.length < first + spread
      ? this.#kept.length
      : first + this.#spread++ % spread;
    this.#kept[place] = { bytes, offset: 0, length, type, cpu };
  }

  /** In the order in which they came; begins anew. */
  take(): readonly QueuedRecord[] {
    const taken = this.#kept;
    const oldest = this.#spread % spread;
    const late = taken.splice(first);
    const inOrder = [...taken, ...late.slice(oldest), ...late.slice(0, oldest)];
    this.#kept = [];
    this.#next = this.#due = 1;
    this.#spread = 0;
    return inOrder;
  }
}
