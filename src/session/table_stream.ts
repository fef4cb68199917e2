// A table that programs fill in a map: read while it runs, and once more when they are detached.
import { EBPFError } from "../errors.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";
import type { Symbolizer } from "../symbols/symbolizer.ts";
import type { CostMeter } from "./cost_meter.ts";
import { nameStacks } from "./stack_names.ts";
import type { StreamEnd, StreamOptions } from "./stream_options.ts";
import type { StreamCounts } from "./stream_counts.ts";
import { histogramField, type HistoryColumn, SPAN_MS, TableHistory } from "./table_history.ts";
import { readFailure, readTable, type TableRows, type TableShape } from "./table_rows.ts";

export interface TableSource {
  /** A hash; stays the owner's. */
  readonly map: BpfMap;
  readonly shape: TableShape;
  /** The map of the stacks that rows name by id, and who knows their addresses. */
  readonly stacks?: { readonly map: BpfMap; readonly symbolizer: Symbolizer };
  /** Detaches what fills it; returns when no program runs any more. */
  detach(): Promise<void>;
  /** What found no room, since the load; null when nobody counts. */
  droppedCount(): bigint | null;
  /** Runs that the kernel skipped, since the load; null when nobody counts. */
  missedRuns(): bigint | null;
}

export interface TableOptions {
  readonly durationMs?: number;
  /** Of the programs that fill the map; finished when they are detached. */
  readonly cost?: CostMeter;
  /** Adds to a row what its fields mean. */
  readonly present?: StreamOptions["present"];
}

interface Losses {
  readonly dropped: bigint | null;
  readonly missedRuns: bigint | null;
}

const nobody = new AbortController().signal;

export class TableStream implements AsyncDisposable {
  readonly #source: TableSource;
  readonly #options: TableOptions;
  /** Ours, because the object may be unloaded before the last reading. */
  readonly #map: BpfMap;
  readonly #stacks: BpfMap | null;
  readonly #waiters = new Set<() => void>();
  readonly #history: TableHistory | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looker: ReturnType<typeof setTimeout> | undefined;
  #startMs = 0;
  #finishing: Promise<void> | null = null;
  #final: TableRows = { rows: [], total: 0 };
  #losses: Losses | null = null;
  #end: StreamEnd | null = null;
  #failure: EBPFError | null = null;
  #ended = () => {};

  /** @throws limit_exceeded when the process may open no more files */
  constructor(readonly id: string, source: TableSource, options: TableOptions) {
    this.#source = source;
    this.#options = options;
    const field = histogramField(source.shape.fields);
    this.#history = field === null ? null : new TableHistory(field);
    using owned = new DisposableStack();
    this.#map = owned.use(source.map.duplicate());
    this.#stacks = source.stacks?.map.duplicate() ?? null;
    owned.move();
  }

  get shape(): TableShape {
    return this.#source.shape;
  }

  /** Adds what fields mean; does nothing where nobody knows. */
  get present(): NonNullable<StreamOptions["present"]> {
    return this.#options.present ?? ((fields) => ({ ...fields }));
  }

  get mapId(): number {
    return this.#map.info.id;
  }

  get mapName(): string {
    return this.#map.name;
  }

  /** What the programs cost that fill the map; null where nobody measures. */
  get cost(): CostMeter | null {
    return this.#options.cost ?? null;
  }

  /** Why it ended; null until the last reading is done. */
  get end(): StreamEnd | null {
    return this.#end;
  }

  /** What made it end as "failed"; null otherwise. */
  get failure(): EBPFError | null {
    return this.#failure;
  }

  /** Bytes that the map takes in the kernel at most, without its own bookkeeping. */
  get memoryBytes(): number {
    const { maxEntries, keyBytes } = this.#map.info;
    return maxEntries * (keyBytes + this.#map.elementBytes);
  }

  /** What its histogram gained, by spans of a second; empty for a table without one. */
  get history(): readonly HistoryColumn[] {
    return this.#history?.columns ?? [];
  }

  /** @param ended is called once, at the end */
  start(ended: () => void): void {
    this.#ended = ended;
    this.#startMs = performance.now();
    this.#lookLater();
    const { durationMs } = this.#options;
    if (durationMs !== undefined) this.#timer = setTimeout(() => this.stop("duration"), durationMs);
  }

  /** Reads the table once a second, for its history; a look that fails is left out. */
  #lookLater(): void {
    const history = this.#history;
    if (history === null) return;
    this.#looker = setTimeout(async () => {
      try {
        using map = this.#map.duplicate();
        const { rows } = await readTable(map, this.#source.shape, nobody);
        if (this.#finishing === null) history.add(rows, performance.now() - this.#startMs);
      } catch (error) {
        if (!(error instanceof EBPFError)) throw error;
      }
      if (this.#finishing === null) this.#lookLater();
    }, SPAN_MS);
  }

  /** Begins to end: detaches, reads the map, and lets it go. Without effect the second time. */
  stop(end: StreamEnd): void {
    this.#finishing ??= this.#finish(end);
  }

  /** Never rejects. */
  async #finish(end: StreamEnd): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#looker);
    let outcome = end;
    try {
      await this.#source.detach();
      this.#options.cost?.finish();
      this.#losses = this.#readLosses();
      this.#final = await this.#read(this.#map, this.#stacks, nobody);
      this.#history?.add(this.#final.rows, performance.now() - this.#startMs);
    } catch (error) {
      this.#failure = readFailure(error);
      outcome = "failed";
      this.#options.cost?.finish();
    }
    this.#map[Symbol.dispose]();
    this.#stacks?.[Symbol.dispose]();
    this.#end = outcome;
    for (const wake of [...this.#waiters]) wake();
    this.#ended();
  }

  /**
   * The rows so far; after the end the final ones.
   * @throws map_read_failed; the signal's reason
   */
  async rows(signal: AbortSignal): Promise<TableRows> {
    if (this.#finishing !== null) await this.#finishing;
    if (this.#end !== null) return this.#final;
    using map = this.#map.duplicate(); // the end may come while it is read
    using stacks = this.#stacks?.duplicate() ?? null;
    return await this.#read(map, stacks, signal);
  }

  async #read(map: BpfMap, stacks: BpfMap | null, signal: AbortSignal): Promise<TableRows> {
    const { shape, stacks: named } = this.#source;
    const table = await readTable(map, shape, signal);
    if (stacks === null || named === undefined) return table;
    const rows = await nameStacks(table.rows, shape.fields, stacks, named.symbolizer, signal);
    return { ...table, rows };
  }

  /** No event is taken: only what was lost is told. */
  get counts(): StreamCounts {
    const { dropped, missedRuns } = this.#losses ?? this.#readLosses();
    return {
      received: 0,
      returned: 0,
      aggregated: 0,
      filtered: 0,
      pending: 0,
      undecoded: 0,
      dropped: { ours: 0, kernel: dropped },
      missedRuns,
    };
  }

  #readLosses(): Losses {
    return {
      dropped: readable(() => this.#source.droppedCount()),
      missedRuns: readable(() => this.#source.missedRuns()),
    };
  }

  /** Ended, and nothing is known to be missing. */
  get complete(): boolean {
    const { dropped, missedRuns } = this.counts;
    const lost = (dropped.kernel ?? 0n) + (missedRuns ?? 0n);
    return this.#end !== null && this.#end !== "failed" && lost === 0n;
  }

  /** Returns when it has ended, after `ms`, or when `signal` aborts. */
  waitForEnd(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(finish);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.#waiters.add(finish);
      signal.addEventListener("abort", finish);
      if (signal.aborted || this.#end !== null) finish();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop("released");
    await this.#finishing;
    this.#final = { rows: [], total: 0 };
  }
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
