// Counts by powers of two, as programs keep them: element N of an array counts values from 2^N up
// to 2^(N+1), element 0 those below 2.
import type { JsonValue } from "../btf/decode.ts";

export interface Bucket {
  readonly from: number;
  /** Exclusive; null for the last element of the array, which counts all that is beyond too. */
  readonly to: number | null;
  readonly count: number;
}

export interface Histogram {
  readonly unit: string | null;
  /** Without the empty ones at both ends. */
  readonly buckets: readonly Bucket[];
  readonly count: number;
  /** Estimated, as if values were spread evenly within each bucket; null when there are none. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Null for what is no array of counts. */
export function log2Histogram(slots: JsonValue, unit: string | null): Histogram | null {
  if (!Array.isArray(slots)) return null;
  const counts = slots.map(Number);
  if (!counts.every((count) => Number.isFinite(count) && count >= 0)) return null;
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const all = counts.map((count, power): Bucket => ({
    from: power === 0 ? 0 : 2 ** power,
    to: power === counts.length - 1 ? null : 2 ** (power + 1),
    count,
  }));
  const buckets = first < 0 ? [] : all.slice(first, last + 1);
  const count = counts.reduce((sum, one) => sum + one, 0);
  return {
    unit,
    buckets,
    count,
    p50: percentile(buckets, count, 0.5),
    p99: percentile(buckets, count, 0.99),
  };
}

function percentile(buckets: readonly Bucket[], count: number, share: number): number | null {
  let before = 0;
  for (const bucket of buckets) {
    const wanted = count * share - before;
    if (bucket.count > 0 && wanted <= bucket.count) {
      const width = (bucket.to ?? bucket.from) - bucket.from;
      return Math.round(bucket.from + width * wanted / bucket.count);
    }
    before += bucket.count;
  }
  return null;
}
