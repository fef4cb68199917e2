// Histograms as sums of events have them (src/btf/aggregate/distribution.ts), as bars: least values
// with counts become ranges, and ranges that nothing fell into stand between those that something
// did.
import type { Bucket } from "./histogram.ts";

/** Of a linear histogram: buckets from 0 on. */
const LINEAR_BUCKETS = 126;
/** More lines than any histogram of ours has: 64 powers of two on either side of 0. */
const MOST_BUCKETS = 130;

type Fields = Readonly<Record<string, unknown>>;

/** The ranges by rising values; null for what is no such histogram. */
export function sumBuckets(value: unknown): Bucket[] | null {
  if (!isFields(value) || !Array.isArray(value.buckets)) return null;
  const { scale, step, below, above } = value;
  const counts = countsOf(value.buckets);
  if (counts === null) return null;
  if (scale === "log2") return filled(counts, endOfPower);
  if (scale !== "linear" || typeof step !== "number") return null;
  const first = { from: -Infinity, to: 0, count: Number(below ?? 0) };
  const last = { from: LINEAR_BUCKETS * step, to: Infinity, count: Number(above ?? 0) };
  const between = filled(counts, (from) => from + step);
  return [first, ...between, last].filter((one) => one.count > 0 || between.includes(one));
}

/** By least value; null where a bucket is not `[least value, count]`. */
function countsOf(buckets: readonly unknown[]): Map<number, number> | null {
  const counts = new Map<number, number>();
  for (const bucket of buckets) {
    if (!Array.isArray(bucket) || bucket.length !== 2) return null;
    const [from, count] = bucket.map(Number);
    if (!Number.isFinite(from) || !Number.isFinite(count)) return null;
    counts.set(from, count);
  }
  return counts;
}

/** Where the power of two ends that begins here: 4 -> 8, 0 -> 1, -7 -> -3. */
function endOfPower(from: number): number {
  if (from < 0) return (from - 1) / 2 + 1;
  return from === 0 ? 1 : 2 * from;
}

function filled(counts: ReadonlyMap<number, number>, endOf: (from: number) => number): Bucket[] {
  const starts = [...counts.keys()];
  const last = Math.max(...starts);
  const buckets: Bucket[] = [];
  for (let from = Math.min(...starts); from <= last; from = endOf(from)) {
    if (buckets.length === MOST_BUCKETS) break;
    buckets.push({ from, to: endOf(from), count: counts.get(from) ?? 0 });
  }
  return buckets;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
