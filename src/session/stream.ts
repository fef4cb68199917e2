// A stream: takes the events of one ring or perf event array into a queue until it ends; what it
// took can be read, once, also after its end.
import type { AggregateSpec } from "../btf/aggregate/spec.ts";
import { EBPFError, internalError } from "../errors.ts";
import type { Drain } from "../kernel/drain.ts";
import { PerfBuffer } from "../kernel/perfbuf.ts";
import type { Poller } from "../kernel/poller.ts";
import { RingBuffer } from "../kernel/ringbuf.ts";
import type { CostMeter } from "./cost_meter.ts";
import { StreamAggregate, type StreamSum } from "./stream_aggregate.ts";
import type { StreamCounts } from "./stream_counts.ts";
import { compileStreamDrain } from "./stream_drain.ts";
import type { StreamDrainState } from "./stream_drain_state.ts";
import { type StreamEvent, streamEvent } from "./stream_event.ts";
import {
  compileFilter,
  compileRecordTest,
  type RecordTest,
  type StreamFilters,
} from "./stream_filter.ts";
import { StreamGauge } from "./stream_gauge.ts";
import { StreamLosses } from "./stream_losses.ts";
import type { EventFormat, StreamEnd, StreamOptions } from "./stream_options.ts";
import { type QueuedRecord, type QueueLimits, StreamQueue } from "./stream_queue.ts";
import type { MapSource, StreamReader, StreamSource } from "./stream_source.ts";
import { StreamTypes } from "./stream_types.ts";
import { StreamSpread } from "./stream_spread.ts";
import { StreamWaiters } from "./stream_waiters.ts";

/** Most records to take in one look, 4 ms of work; the event loop goes on between two. */
const roomPerLook = { copied: 1 << 18, summed: 1 << 16 } as const;

/** Room where nobody said how many events are wanted. */
const plenty = 1 << 30;

/** Of a stream that keeps no events: as little as a queue can be. */
const noQueue: QueueLimits = { maxBytes: 8, maxEvents: 1 };

export class EventStream implements AsyncDisposable {
  readonly types: StreamTypes;
  readonly gauge: StreamGauge;
  /** How the values are spread that it sums up; null where no histogram was asked for. */
  readonly spread: StreamSpread | null;
  readonly #queue: StreamQueue;
  readonly #sum: StreamAggregate | null;
  readonly #source: StreamSource;
  readonly #options: StreamOptions;
  readonly #drain: Drain<StreamDrainState>;
  readonly #state: StreamDrainState;
  readonly #running = new DisposableStack();
  readonly #waiters = new StreamWaiters();
  readonly #losses: StreamLosses;
  #reader: StreamReader | null = null;
  #returned = 0;
  /** Events of the queue that went into a sum or did not pass a reader's test. */
  #summedLater = 0;
  #filteredLater = 0;
  /** Events of all sums that were handed out. */
  #told = 0;
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
    const { aggregate, fields } = options;
    this.#source = source;
    this.#options = options;
    this.types = new StreamTypes(btf, kind, options.eventType);
    if (fields !== undefined) this.types.requireFields(fields);
    const filter = compileFilter(btf, this.types, kind, options.filters ?? {});
    this.#sum = aggregate === undefined ? null : new StreamAggregate(btf, this.types, aggregate);
    this.spread = this.#sum && StreamSpread.of(this.#sum);
    this.#queue = new StreamQueue(this.#sum === null ? limits : noQueue);
    this.#drain = compileStreamDrain(kind, this.types, filter, this.#sum ?? this.#queue);
    this.#state = freshState();
    this.#losses = new StreamLosses(source);
    this.gauge = new StreamGauge(this.#queue, performance.now());
  }

  /** Null for lines of text, which come out of no map. */
  get mapId(): number | null {
    return this.#source.kind === "text" ? null : this.#source.map.info.id;
  }

  get mapName(): string {
    return this.#source.kind === "text" ? this.#source.name : this.#source.map.name;
  }

  get format(): EventFormat {
    return this.#options.format;
  }

  /** Of each event, these fields alone; null: all. */
  get fields(): readonly string[] | null {
    return this.#options.fields ?? null;
  }

  /** Adds what fields mean; does nothing where nobody knows. */
  get present(): NonNullable<StreamOptions["present"]> {
    return this.#options.present ?? ((fields) => ({ ...fields }));
  }

  /** Whether events are summed up as they come. */
  get isSummed(): boolean {
    return this.#sum !== null;
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
    if (this.#options.mode === "snapshot" && this.#source.kind !== "text") {
      const { map } = this.#source;
      using ring = RingBuffer.openForSnapshot(map.fd, map.info.maxEntries, map.name);
      this.#takeSnapshot(ring);
      return;
    }
    using started = new DisposableStack();
    const reader = started.use(
      this.#source.kind === "text" ? this.#source.open() : readerOf(this.#source),
    );
    this.#reader = reader;
    started.use(poller.add(reader.fds, () => this.#look() > 0));
    if (this.spread !== null) started.use(this.spread.watch());
    this.#running.use(started.move());
    const { durationMs } = this.#options;
    if (durationMs !== undefined) this.endAfter(durationMs);
  }

  /** Ends it by "duration" after `ms` from now on. Without effect once it has ended. */
  endAfter(ms: number): void {
    if (this.#end !== null) return;
    const timer = setTimeout(() => this.stop("duration"), ms);
    this.#running.defer(() => clearTimeout(timer));
  }

  #takeSnapshot(ring: RingBuffer): void {
    const taken = ring.snapshot(this.#drain, () => {
      this.#forget();
      return Object.assign(this.#state, { room: this.#room() });
    });
    if (!taken) {
      this.#forget();
      this.#displaced = true;
    }
    this.#finish(this.#room() === 0 ? "max_events" : "snapshot");
  }

  /** As if nothing had been taken. */
  #forget(): void {
    this.#queue.forget();
    this.#sum?.take();
    Object.assign(this.#state, freshState());
  }

  /** Takes what is there and answers the bytes that were freed. Never throws. */
  #look(): number {
    if (this.#end !== null || this.#reader === null) return 0;
    let freed = 0;
    try {
      this.#state.room = Math.min(this.#room(), roomPerLook[this.isSummed ? "summed" : "copied"]);
      freed = this.#reader.consume(this.#drain, this.#state);
    } catch (error) {
      this.#failure = error instanceof EBPFError ? error : internalError(String(error));
      this.#finish("failed");
      return 0;
    }
    const { passed, filtered } = this.#state;
    this.gauge.note(passed + filtered, passed, performance.now());
    this.#displaced ||= this.#reader.displaced === true;
    if (this.#room() === 0) this.#finish("max_events");
    if (freed > 0) this.#waiters.notify();
    return freed;
  }

  /** Events that may still come. */
  #room(): number {
    const most = this.#options.maxEvents;
    if (most === undefined) return plenty;
    const taken = this.#returned + this.#aggregated + this.#filteredLater + this.#queue.count;
    return Math.max(0, most - taken);
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
    this.#running.dispose(); // first: a reader says what it held and nobody gets any more
    this.#reader = null;
    this.spread?.look();
    this.#losses.finish();
    this.#options.cost?.finish();
    this.#queue.shrink();
    this.#waiters.notify();
    this.#ended();
  }

  /**
   * Returns when an event waits or the stream has ended, after `ms`, or when `signal` aborts. A sum
   * is waited for to its end: it is worth more the longer it takes.
   */
  async waitForEvents(ms: number, signal: AbortSignal): Promise<void> {
    await this.#waiters.wait(ms, signal, () => this.#queue.count > 0 || this.#end !== null);
  }

  /** Returns when the stream has ended, after `ms`, or when `signal` aborts. */
  async waitForEnd(ms: number, signal: AbortSignal): Promise<void> {
    await this.#waiters.wait(ms, signal, () => this.#end !== null);
  }

  /**
   * A test of events that wait.
   * @throws validation/unknown_field, value_out_of_range, invalid_arguments
   */
  testOf(where: StreamFilters["where"]): RecordTest {
    const { btf, kind } = this.#source;
    return compileRecordTest(compileFilter(btf, this.types, kind, { where }));
  }

  /**
   * Hands the oldest events to `take`, each once, until it answers false or none waits. Events that
   * do not pass `test` are taken out before, and count as filtered.
   */
  read(take: (event: StreamEvent) => boolean, test: RecordTest = () => true): void {
    for (let record = this.#next(test); record !== null; record = this.#next(test)) {
      const event = streamEvent(this.types, record);
      if (!take(event)) return;
      this.#queue.shift();
      this.#returned++;
      if (event.type === null) this.#undecoded++;
    }
  }

  /** The oldest event that passes. */
  #next(test: RecordTest): QueuedRecord | null {
    for (let record = this.#queue.first(); record !== null; record = this.#queue.first()) {
      if (test(record)) return record;
      this.#queue.shift();
      this.#filteredLater++;
    }
    return null;
  }

  /**
   * Sums up what waits and takes it out; what does not pass `test`, or lacks a field, counts as
   * filtered.
   * @throws validation/unknown_field, invalid_arguments
   */
  sumUp(spec: AggregateSpec, test: RecordTest): StreamSum {
    const sum = new StreamAggregate(this.#source.btf, this.types, spec);
    for (let record = this.#next(test); record !== null; record = this.#next(test)) {
      if (sum.add(record)) this.#summedLater++;
      else this.#filteredLater++;
      this.#queue.shift();
    }
    return this.#tell(sum);
  }

  /** What was summed up since the last call; null when events are not summed up as they come. */
  takeSum(): StreamSum | null {
    return this.#sum === null ? null : this.#tell(this.#sum);
  }

  #tell(sum: StreamAggregate): StreamSum {
    if (sum === this.#sum) this.spread?.tell();
    const taken = sum.take();
    this.#told += taken.report.events;
    return taken;
  }

  get #aggregated(): number {
    return this.#summedLater + (this.#sum === null ? 0 : this.#state.passed);
  }

  /** Events that were given so far, one by one or in a sum. */
  get position(): number {
    return this.#returned + this.#told;
  }

  /** Events that wait to be read, and those of a sum that was not asked for yet. */
  get waiting(): number {
    return this.#queue.count + this.#aggregated - this.#told;
  }

  get counts(): StreamCounts {
    const filtered = this.#state.filtered + this.#filteredLater;
    const aggregated = this.#aggregated;
    const ours = this.#queue.dropped;
    const { dropped, missedRuns } = this.#losses.read();
    return {
      received: this.#returned + aggregated + filtered + ours,
      returned: this.#returned,
      aggregated,
      filtered,
      pending: this.#queue.count,
      undecoded: this.#undecoded,
      dropped: { ours, kernel: this.#kernelDropped(dropped) },
      missedRuns,
    };
  }

  /**
   * The kernel's count of lost perf records is the same loss as the object's own count, seen from
   * the other side, so the greater of both.
   */
  #kernelDropped(counted: bigint | null): bigint | null {
    if (this.#source.kind !== "perf") return counted;
    const lost = BigInt(this.#state.lost);
    return counted === null || lost > counted ? lost : counted;
  }

  /** Ended, read to its end, and nothing is known to be missing. */
  get complete(): boolean {
    const { dropped, missedRuns } = this.counts;
    const whole = this.#end !== null && this.#end !== "failed" && !this.#displaced;
    const lost = BigInt(dropped.ours) + (dropped.kernel ?? 0n) + (missedRuns ?? 0n);
    return whole && this.waiting === 0 && lost === 0n;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop("released");
    this.#queue.clear();
    this.#sum?.take();
    return Promise.resolve();
  }
}

function readerOf({ kind, map }: MapSource): StreamReader {
  const kinds = { perf: PerfBuffer, ring: RingBuffer };
  return kinds[kind].open(map.fd, map.info.maxEntries, map.name);
}

function freshState(): StreamDrainState {
  return { room: 0, corruptAt: -1, cpu: -1, lost: 0, passed: 0, filtered: 0 };
}
