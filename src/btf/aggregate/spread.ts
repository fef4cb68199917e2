// How the values of all groups are spread, for a picture: the first column that is a histogram.
import type { JsonObject, JsonValue } from "../value.ts";
import type { CheckedSpec } from "./check_spec.ts";
import type { GroupStore } from "./group_store.ts";
import type { Column } from "./measure.ts";

export interface Spread {
  /** The column's name. */
  readonly column: string;
  /** As rows have it: `{scale, buckets: [[least value, how many]]}`. */
  readonly histogram: JsonValue;
}

/** The first column that is a histogram; null where none is. */
export function spreadColumn(
  { columns: named }: CheckedSpec,
  columns: readonly Column[],
): Column | null {
  const index = named.findIndex(({ computed }) => computed.op === "hist");
  return columns[index] ?? null;
}

/** One histogram of all groups, those that found no room included. */
export function spreadOf({ name, value }: Column, store: GroupStore): Spread {
  const all = Array.from({ length: store.groups }, (_, group) => value(store, group));
  return { column: name, histogram: added(all.filter(isObject)) };
}

function added(histograms: readonly JsonObject[]): JsonObject {
  const counts = new Map<JsonValue, number>();
  let [below, above] = [0, 0];
  for (const histogram of histograms) {
    below += Number(histogram.below ?? 0);
    above += Number(histogram.above ?? 0);
    for (const bucket of Array.isArray(histogram.buckets) ? histogram.buckets : []) {
      const [least = null, count = 0] = Array.isArray(bucket) ? bucket : [];
      counts.set(least, (counts.get(least) ?? 0) + Number(count));
    }
  }
  const buckets = Array.from(counts, ([least, count]): JsonValue => [least, count]);
  return { ...histograms[0], below, above, buckets };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
