// A stream: takes the events of one ring or perf event array into a queue until it ends; what it
// took can be read, once, also after its end.
import type { AggregateSpec } from "../btf/aggregate/spec.ts";
import type { JsonValue } from "../btf/decode.ts";
import type { EventType } from "../btf/event_types.ts";
import { EBPFError, internalError } from "../errors.ts";
import type { Drain } from "../kernel/drain.ts";
import { PerfBuffer } from "../kernel/perfbuf.ts";
import type { Poller } from "../kernel/poller.ts";
import { RingBuffer } from "../kernel/ringbuf.ts";
import type { CostMeter } from "./cost_meter.ts";
import { compileStreamDrain, type StreamDrainState } from "./stream_drain.ts";
import { compileFilter, type StreamFilters } from "./stream_filter.ts";
import { type QueuedRecord, type QueueLimits, StreamQueue } from "./stream_queue.ts";
import type { StreamSource } from "./stream_source.ts";
import { StreamTypes } from "./stream_types.ts";

/** Why a stream takes no more events. */
export const streamEnds = [
  "duration", // the time that was asked for is over
  "max_events", // as many events as were asked for have come
  "snapshot", // it was a look at somebody else's ring
  "stopped", // by stop_stream
  "cancelled", // by the client's cancellation
  "overhead", // its programs took more of a CPU than max_overhead_percent
  "released", // the map's object was unloaded, or the session ended
  "failed", // the ring cannot be read any more
] as const;
export type StreamEnd = typeof streamEnds[number];

/** json: decoded by BTF; raw: the bytes as hexadecimal digits; base64: the bytes as base64. */
export const eventFormats = ["json", "raw", "base64"] as const;
export type EventFormat = typeof eventFormats[number];

export interface StreamOptions {
  /** The struct of the events; by default the object names them. */
  readonly eventType?: string;
  readonly filters?: StreamFilters;
  readonly durationMs?: number;
  readonly maxEvents?: number;
  /** Sum the events up instead of keeping them, a few samples aside. */
  readonly aggregate?: AggregateSpec;
  /** Of the programs that fill the ring; finished when the stream ends. */
  readonly cost?: CostMeter;
  /** How whoever reads shows the events. */
  readonly format: EventFormat;
  /** Look at the ring without taking anything from its owner. */
  readonly mode: "consume" | "snapshot";
}

/** received = returned + filtered + dropped.ours; what waits in the queue is not yet in it. */
export interface StreamCounts {
  readonly received: number;
  readonly returned: number;
  readonly filtered: number;
  readonly pending: number;
  readonly undecoded: number;
  readonly dropped: { readonly ours: number; readonly kernel: bigint | null };
  /** Runs that the kernel skipped meanwhile: each may have been an event, or none. */
  readonly missedRuns: bigint | null;
}

/** An event as it was taken: raw bytes, and the type they are of. */
export interface StreamEvent {
  readonly record: QueuedRecord;
  /** Null when no event type, or more than one, has its size. */
  readonly type: EventType | null;
  /** The decoded value; null without a type. */
  decode(): JsonValue;
}

/** Most records to take in one look; the event loop goes on between two. */
const roomPerLook = 1 << 18;

/** Room where nobody said how many events are wanted. */
const plenty = 1 << 30;

/** A RingBuffer or a PerfBuffer. */
interface Reader extends Disposable {
  readonly fds: readonly number[];
  readonly available: number;
  consume(drain: Drain<StreamDrainState>, state: StreamDrainState): number;
}

export class EventStream implements AsyncDisposable {
  readonly types: StreamTypes;
  readonly #queue: StreamQueue;
  readonly #source: StreamSource;
  readonly #options: StreamOptions;
  readonly #drain: Drain<StreamDrainState>;
  readonly #state: StreamDrainState;
  readonly #running = new DisposableStack();
  readonly #waiters = new Set<() => void>();
  readonly #lostBefore: Losses;
  #reader: Reader | null = null;
  #lostAtEnd: Losses | null = null;
  #returned = 0;
  #undecoded = 0;
  #end: StreamEnd | null = null;
  #failure: EBPFError | null = null;
  #displaced = false;
  #ended = () => {};

  /**
   * Checks what is asked for; `start` begins.
   * @throws validation/unknown_event_type, unknown_field, value_out_of_range, invalid_arguments
   */
  constructor(
    readonly id: string,
    source: StreamSource,
    options: StreamOptions,
    limits: QueueLimits,
  ) {
    const { btf, kind } = source;
    this.#source = source;
    this.#options = options;
    this.types = new StreamTypes(btf, kind, options.eventType);
    const filter = compileFilter(btf, this.types, kind, options.filters ?? {});
    this.#queue = new StreamQueue(limits);
    this.#drain = compileStreamDrain(kind, this.types, filter, this.#queue);
    this.#state = freshState();
    this.#lostBefore = this.#losses();
  }

  get mapId(): number {
    return this.#source.map.info.id;
  }

  get mapName(): string {
    return this.#source.map.name;
  }

  get format(): EventFormat {
    return this.#options.format;
  }

  /** What the programs cost that fill the ring; null where nobody measures. */
  get cost(): CostMeter | null {
    return this.#options.cost ?? null;
  }

  /** Why it ended; null while it runs. */
  get end(): StreamEnd | null {
    return this.#end;
  }

  /** What made it end as "failed"; null otherwise. */
  get failure(): EBPFError | null {
    return this.#failure;
  }

  /**
   * Opens the ring and listens to it, or looks at it once for a snapshot.
   * @param ended is called once, at the end
   * @throws ring_open_failed, limit_exceeded, ring_corrupt
   */
  start(poller: Poller, ended: () => void = () => {}): void {
    this.#ended = ended;
    const { map, kind } = this.#source;
    const entries = map.info.maxEntries;
    if (this.#options.mode === "snapshot") {
      using ring = RingBuffer.openForSnapshot(map.fd, entries, map.name);
      this.#takeSnapshot(ring);
      return;
    }
    const kinds = { perf: PerfBuffer, ring: RingBuffer };
    using started = new DisposableStack();
    const reader: Reader = started.use(kinds[kind].open(map.fd, entries, map.name));
    this.#reader = reader;
    started.use(poller.add(reader.fds, () => this.#look() > 0));
    const { durationMs } = this.#options;
    if (durationMs !== undefined) {
      const timer = setTimeout(() => this.stop("duration"), durationMs);
      started.defer(() => clearTimeout(timer));
    }
    this.#running.use(started.move());
  }

  #takeSnapshot(ring: RingBuffer): void {
    const taken = ring.snapshot(this.#drain, () => {
      this.#queue.clear();
      return Object.assign(this.#state, freshState(), { room: this.#room() });
    });
    if (!taken) {
      this.#queue.clear();
      Object.assign(this.#state, freshState());
      this.#displaced = true;
    }
    this.#finish(this.#room() === 0 ? "max_events" : "snapshot");
  }

  /** Takes what is there and answers the bytes that were freed. Never throws. */
  #look(): number {
    if (this.#end !== null || this.#reader === null) return 0;
    let freed = 0;
    try {
      this.#state.room = Math.min(this.#room(), roomPerLook);
      freed = this.#reader.consume(this.#drain, this.#state);
    } catch (error) {
      this.#failure = error instanceof EBPFError ? error : internalError(String(error));
      this.#finish("failed");
      return 0;
    }
    if (this.#reader instanceof RingBuffer) this.#displaced ||= this.#reader.displaced;
    if (this.#room() === 0) this.#finish("max_events");
    if (freed > 0) this.#notify();
    return freed;
  }

  /** Events that may still come. */
  #room(): number {
    const most = this.#options.maxEvents;
    if (most === undefined) return plenty;
    return Math.max(0, most - this.#returned - this.#queue.count);
  }

  /**
   * Takes what is in the ring now, not what a busy producer adds meanwhile, and ends. Without
   * effect on a stream that has ended.
   */
  stop(end: StreamEnd): void {
    let left = this.#reader?.available ?? 0;
    for (let freed = 1; freed > 0 && left > 0; left -= freed) freed = this.#look();
    this.#finish(end);
  }

  #finish(end: StreamEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#lostAtEnd = this.#losses();
    this.#options.cost?.finish();
    this.#running.dispose();
    this.#reader = null;
    this.#queue.shrink();
    this.#notify();
    this.#ended();
  }

  #notify(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Returns when an event waits or the stream has ended, after `ms`, or when `signal` aborts. */
  async waitForEvents(ms: number, signal: AbortSignal): Promise<void> {
    await this.#wait(ms, signal, () => this.#queue.count > 0 || this.#end !== null);
  }

  /** Returns when the stream has ended, after `ms`, or when `signal` aborts. */
  async waitForEnd(ms: number, signal: AbortSignal): Promise<void> {
    await this.#wait(ms, signal, () => this.#end !== null);
  }

  #wait(ms: number, signal: AbortSignal, isDone: () => boolean): Promise<void> {
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

  /** Hands the oldest events to `take`, each once, until it answers false or none waits. */
  read(take: (event: StreamEvent) => boolean): void {
    for (let record = this.#queue.first(); record !== null; record = this.#queue.first()) {
      const event = this.#event(record);
      if (!take(event)) return;
      this.#queue.shift();
      this.#returned++;
      if (event.type === null) this.#undecoded++;
    }
  }

  #event(record: QueuedRecord): StreamEvent {
    const { type, bytes, offset, length } = record;
    return {
      record,
      type: type < 0 ? null : this.types.candidates[type],
      decode: () => type < 0 ? null : this.types.decode(type, bytes, offset, length),
    };
  }

  get counts(): StreamCounts {
    const { filtered } = this.#state;
    const ours = this.#queue.dropped;
    const before = this.#lostBefore;
    const now = this.#lostAtEnd ?? this.#losses();
    return {
      received: this.#returned + filtered + ours,
      returned: this.#returned,
      filtered,
      pending: this.#queue.count,
      undecoded: this.#undecoded,
      dropped: { ours, kernel: this.#kernelDropped(since(before.dropped, now.dropped)) },
      missedRuns: since(before.missedRuns, now.missedRuns),
    };
  }

  /**
   * The kernel's count of lost perf records is the same loss as the object's own count, seen from
   * the other side, so the greater of both.
   */
  #kernelDropped(counted: bigint | null): bigint | null {
    if (this.#source.kind === "ring") return counted;
    const lost = BigInt(this.#state.lost);
    return counted === null || lost > counted ? lost : counted;
  }

  #losses(): Losses {
    return {
      dropped: readable(() => this.#source.droppedCount()),
      missedRuns: readable(() => this.#source.missedRuns()),
    };
  }

  /** Ended, read to its end, and nothing is known to be missing. */
  get complete(): boolean {
    const { pending, dropped, missedRuns } = this.counts;
    const whole = this.#end !== null && this.#end !== "failed" && !this.#displaced;
    const lost = BigInt(dropped.ours) + (dropped.kernel ?? 0n) + (missedRuns ?? 0n);
    return whole && pending === 0 && lost === 0n;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop("released");
    this.#queue.clear();
    return Promise.resolve();
  }
}

/** Counts since the load; null when nobody counts. */
interface Losses {
  readonly dropped: bigint | null;
  readonly missedRuns: bigint | null;
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

function freshState(): StreamDrainState {
  return { room: 0, corruptAt: -1, cpu: -1, lost: 0, passed: 0, filtered: 0 };
}
