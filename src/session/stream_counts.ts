// What became of a stream's events.

/** received = returned + aggregated + filtered + dropped.ours; what waits is not yet in it. */
export interface StreamCounts {
  readonly received: number;
  readonly returned: number;
  /** That went into a sum, also one that nobody has asked for yet. */
  readonly aggregated: number;
  readonly filtered: number;
  readonly pending: number;
  readonly undecoded: number;
  readonly dropped: { readonly ours: number; readonly kernel: bigint | null };
  /** Runs that the kernel skipped meanwhile: each may have been an event, or none. */
  readonly missedRuns: bigint | null;
}
