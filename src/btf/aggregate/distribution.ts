// What the counters of a group tell of how its values are spread.
import { exactInteger, type JsonValue } from "../value.ts";
import type { GroupStore } from "./group_store.ts";
import { middleOf, PAGE, PAGES_UNSIGNED, powerOf } from "./log_linear.ts";

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
  let total = 0;
  for (const [, counters] of rising(store, group, pages)) for (const n of counters) total += n;
  let left = Math.max(1, Math.ceil(total * share - total * 1e-12));
  for (const [page, counters] of rising(store, group, pages)) {
    const isNegative = page >= PAGES_UNSIGNED;
    for (let step = 0; step < PAGE; step++) {
      const index = isNegative ? PAGE - 1 - step : step;
      left -= counters[index];
      if (left <= 0) return middleOf(page * PAGE + index);
    }
  }
  return null;
}

/** The pages that there are, those of the least values first. */
function* rising(
  store: GroupStore,
  group: number,
  { first, count }: Pages,
): Generator<[page: number, counters: Float64Array]> {
  for (let step = 0; step < count; step++) {
    const negatives = count - PAGES_UNSIGNED;
    const page = step < negatives ? count - 1 - step : step - negatives;
    const counters = store.page(group, first + page);
    if (counters !== null) yield [page, counters];
  }
}

/** By powers of two: `[least value, how many]` of each bucket that has any, rising. */
export function log2Buckets(store: GroupStore, group: number, pages: Pages): JsonValue {
  const byLeast = new Map<bigint, number>();
  for (const [page, counters] of rising(store, group, pages)) {
    counters.forEach((count, index) => {
      if (count === 0) return;
      const power = powerOf(page * PAGE + index);
      const least = power < 0n ? 2n * power + 1n : power;
      byLeast.set(least, (byLeast.get(least) ?? 0) + count);
    });
  }
  const buckets = [...byLeast].sort(([one], [other]) => one < other ? -1 : 1);
  return {
    scale: "log2",
    buckets: buckets.map(([least, count]) => [exactInteger(least), count]),
  };
}

/** By steps: `[least value, how many]`, and what lies outside the 126 buckets from 0 on. */
export function linearBuckets(
  store: GroupStore,
  group: number,
  first: number,
  step: number,
): JsonValue {
  const buckets: JsonValue[] = [];
  let [below, above] = [0, 0];
  for (let page = 0; page < LINEAR_PAGES; page++) {
    store.page(group, first + page)?.forEach((count, index) => {
      const bucket = page * PAGE + index;
      if (count === 0) return;
      if (bucket === 0) below = count;
      else if (bucket === aboveLinear) above = count;
      else buckets.push([exactInteger(BigInt(bucket - 1) * BigInt(step)), count]);
    });
  }
  return { scale: "linear", step, below, buckets, above };
}
