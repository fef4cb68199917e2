// What the counters of a group tell of how its values are spread.
import { exactInteger, type JsonValue } from "../value.ts";
import type { GroupStore } from "./group_store.ts";
import { middleOf, PAGE, PAGES_UNSIGNED, powerOf } from "./log_linear.ts";

/** Counters by page, of a store or of all its groups together. */
export interface Counters {
  readonly counters: ArrayLike<number>;
  /** Where the counters of a page begin; -1 when nothing was counted there. */
  pageAt(group: number, page: number): number;
}

/** Pages of one distribution, in a group. */
export interface Pages {
  readonly first: number;
  readonly count: number;
}

/** Of a linear histogram: one counter below 0, 126 buckets, one counter above. */
export const LINEAR_PAGES = 2;
const aboveLinear = LINEAR_PAGES * PAGE - 1;

/** The smallest value that `share` of the values do not exceed, as the middle of its bucket. */
export function quantile(
  store: GroupStore,
  group: number,
  pages: Pages,
  share: number,
): bigint | null {
  const { counters } = store;
  let total = 0;
  for (let step = 0; step < pages.count; step++) {
    const at = store.pageAt(group, pages.first + step);
    if (at >= 0) { for (let index = 0; index < PAGE; index++) total += counters[at + index]; }
  }
  let left = Math.max(1, Math.ceil(total * share - total * 1e-12));
  for (let step = 0; step < pages.count; step++) {
    const page = nthPage(pages, step);
    const at = store.pageAt(group, pages.first + page);
    if (at < 0) continue;
    for (let nth = 0; nth < PAGE; nth++) {
      const index = page < PAGES_UNSIGNED ? nth : PAGE - 1 - nth;
      left -= counters[at + index];
      if (left <= 0) return middleOf(page * PAGE + index);
    }
  }
  return null;
}

/** The pages of the least values first: of negative ones, those of the largest amounts. */
function nthPage({ count }: Pages, nth: number): number {
  const negatives = count - PAGES_UNSIGNED;
  return nth < negatives ? count - 1 - nth : nth - negatives;
}

/** The buckets that have any. */
function* filled(
  store: Counters,
  group: number,
  { first, count }: Pages,
): Generator<[bucket: number, count: number]> {
  for (let page = 0; page < count; page++) {
    const at = store.pageAt(group, first + page);
    for (let index = 0; at >= 0 && index < PAGE; index++) {
      if (store.counters[at + index] > 0) yield [page * PAGE + index, store.counters[at + index]];
    }
  }
}

/** By powers of two: `[least value, how many]` of each bucket that has any, rising. */
export function log2Buckets(store: Counters, group: number, pages: Pages): JsonValue {
  const byLeast = new Map<bigint, number>();
  for (const [bucket, count] of filled(store, group, pages)) {
    const power = powerOf(bucket);
    const least = power < 0n ? 2n * power + 1n : power;
    byLeast.set(least, (byLeast.get(least) ?? 0) + count);
  }
  const buckets = [...byLeast].sort(([one], [other]) => one < other ? -1 : 1);
  return {
    scale: "log2",
    buckets: buckets.map(([least, count]) => [exactInteger(least), count]),
  };
}

/** By steps: `[least value, how many]`, and what lies outside the 126 buckets from 0 on. */
export function linearBuckets(
  store: Counters,
  group: number,
  first: number,
  step: number,
): JsonValue {
  const buckets: JsonValue[] = [];
  let [below, above] = [0, 0];
  for (const [bucket, count] of filled(store, group, { first, count: LINEAR_PAGES })) {
    if (bucket === 0) below = count;
    else if (bucket === aboveLinear) above = count;
    else buckets.push([exactInteger(BigInt(bucket - 1) * BigInt(step)), count]);
  }
  return { scale: "linear", step, below, buckets, above };
}
