// How a stream does: how fast events come, how long the oldest has waited, what they take. By marks
// of how many there were when, since records carry no time of their own.

interface Mark {
  /** When the first of its events came. */
  readonly atMs: number;
  /** Events that had come by its end: all, and those that went into the queue. */
  events: number;
  queued: number;
}

/** Events within this of a mark's first belong to it. */
const MARK_MS = 100;
/** Beyond these, older marks are joined two by two. */
const MOST_MARKS = 128;
/** Over which a rate is told. */
const RATE_MS = 10_000;

/** What waits, and the memory for it. */
interface Queue {
  readonly count: number;
  readonly memoryBytes: number;
}

export class StreamGauge {
  readonly #startedMs: number;
  readonly #queue: Queue;
  #marks: Mark[] = [];
  #events = 0;
  #queued = 0;

  constructor(queue: Queue, startedMs: number) {
    this.#queue = queue;
    this.#startedMs = startedMs;
  }

  get memoryBytes(): number {
    return this.#queue.memoryBytes;
  }

  /** Tells how many events have come so far, and how many of them went into the queue. */
  note(events: number, queued: number, nowMs: number): void {
    this.#events = events;
    this.#queued = queued;
    const last = this.#marks.at(-1);
    if (last !== undefined && last.events === events) return;
    if (last !== undefined && nowMs - last.atMs < MARK_MS) {
      last.events = events;
      last.queued = queued;
      return;
    }
    this.#marks.push({ atMs: nowMs, events, queued });
    if (this.#marks.length > MOST_MARKS) this.#join();
  }

  #join(): void {
    const older = this.#marks.slice(0, MOST_MARKS / 2);
    const joined = older.flatMap((mark, index) => {
      return index % 2 === 0 ? { ...older[index + 1], atMs: mark.atMs } : [];
    });
    this.#marks = [...joined, ...this.#marks.slice(MOST_MARKS / 2)];
  }

  /** Events per second over the last ten, or since the start. */
  perSecond(nowMs: number): number {
    const since = this.#marks.findLast(({ atMs }) => atMs <= nowMs - RATE_MS);
    const spanMs = since === undefined ? nowMs - this.#startedMs : nowMs - since.atMs;
    return spanMs <= 0 ? 0 : (this.#events - (since?.events ?? 0)) / spanMs * 1000;
  }

  /** How long the oldest event that waits has waited; null: none does. */
  lagMs(nowMs: number): number | null {
    const taken = this.#queued - this.#queue.count;
    const mark = this.#marks.find(({ queued }) => queued > taken);
    return mark === undefined ? null : nowMs - mark.atMs;
  }
}
