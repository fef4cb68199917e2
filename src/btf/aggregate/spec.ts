// How events are summed up, as a caller states it: groups, and what is computed for each.

export const aggregateOps = [
  "count",
  "sum",
  "min",
  "max",
  "avg",
  "p50",
  "p90",
  "p95",
  "p99",
  "p999",
  "hist",
  "rate",
  "first",
  "last",
] as const;
export type AggregateOp = typeof aggregateOps[number];

/** One column: what is computed over the events of a group. */
export interface Computed {
  readonly op: AggregateOp;
  /** Path of the field; `count` takes none, `rate` the time (by default the event's own). */
  readonly field?: string;
  /** Of `hist`: powers of two (the default), or buckets of `step`. */
  readonly scale?: "log2" | "linear";
  /** Width of a linear bucket. */
  readonly step?: number;
  /** Of `rate`. */
  readonly interval_ms?: number;
}

export interface AggregateSpec {
  /** Paths of the fields whose values make a group; none: all events are one. */
  readonly by?: readonly string[];
  /** By default, how many events there are. */
  readonly compute?: readonly Computed[];
  /** Rows of the answer. */
  readonly top?: number;
  /** The column by which rows are sorted, largest first; by default the first that has an order. */
  readonly sort?: string;
}

export const aggregate_defaults = {
  compute: [{ op: "count" }],
  top: 20,
  interval_ms: 1000,
} as const satisfies { compute: readonly Computed[]; top: number; interval_ms: number };
