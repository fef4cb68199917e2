// How the values that a stream sums up are spread, from its start on, and second by second: sums
// are handed out and begin anew, a picture shows the whole.
import type { Bucket } from "../view/picture/histogram.ts";
import { sumBuckets } from "../view/picture/sum_buckets.ts";
import type { StreamAggregate } from "./stream_aggregate.ts";
import { type HistoryColumn, SPAN_MS, TableHistory } from "./table_history.ts";

const FIELD = "spread";

export class StreamSpread {
  readonly #sum: StreamAggregate;
  readonly #history = new TableHistory(FIELD);
  /** Of the sums that were handed out, by least value. */
  readonly #told = new Map<number, Bucket>();
  readonly #startMs = performance.now();

  private constructor(sum: StreamAggregate, readonly column: string) {
    this.#sum = sum;
  }

  /** Null for a sum without a histogram. */
  static of(sum: StreamAggregate): StreamSpread | null {
    const spread = sum.spread();
    return spread === null ? null : new StreamSpread(sum, spread.column);
  }

  /** What it gained, by spans of a second. */
  get history(): readonly HistoryColumn[] {
    return this.#history.columns;
  }

  /** Everything so far. */
  get buckets(): Bucket[] {
    const all = new Map(this.#told);
    for (const bucket of this.#rest) add(all, bucket);
    return [...all.values()].sort((one, other) => one.from - other.from);
  }

  get #rest(): readonly Bucket[] {
    return sumBuckets(this.#sum.spread()?.histogram) ?? [];
  }

  /** The sum is about to be handed out. */
  tell(): void {
    for (const bucket of this.#rest) add(this.#told, bucket);
  }

  /** Looks once a second, until disposed of. */
  watch(): Disposable {
    const timer = setInterval(() => this.look(), SPAN_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  look(): void {
    const buckets = this.buckets.map(({ from, to, count }) => ({ from, to, count }));
    this.#history.add([{ [FIELD]: { buckets } }], performance.now() - this.#startMs);
  }
}

function add(all: Map<number, Bucket>, { from, to, count }: Bucket): void {
  all.set(from, { from, to, count: count + (all.get(from)?.count ?? 0) });
}
