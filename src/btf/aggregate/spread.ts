// How the values of all groups are spread, for a picture: the first column that is a histogram.
import type { JsonValue } from "../value.ts";
import type { Counters } from "./distribution.ts";
import type { GroupStore } from "./group_store.ts";
import { PAGE } from "./log_linear.ts";
import type { Column } from "./measure.ts";

export interface Spread {
  /** The column's name. */
  readonly column: string;
  /** As rows have it: `{scale, buckets: [[least value, how many]]}`. */
  readonly histogram: JsonValue;
}

/** Of all groups, those that found no room included; null where no column is a histogram. */
export function spreadOf(columns: readonly Column[], store: GroupStore): Spread | null {
  const column = columns.find(({ spread }) => spread !== undefined);
  if (column?.spread === undefined) return null;
  return { column: column.name, histogram: column.spread(together(store)) };
}

/** The counters of all groups added up, page by page. */
function together({ groups, pageStride, pageNumbers, counters: own }: GroupStore): Counters {
  const counters = new Float64Array(pageStride * PAGE);
  for (let index = 0, page = 0; index < groups * pageStride; index++) {
    const number = pageNumbers[index];
    if (number !== 0) addPage(counters, page * PAGE, own, number * PAGE);
    page = page + 1 === pageStride ? 0 : page + 1;
  }
  return { counters, pageAt: (_, page) => page * PAGE };
}

function addPage(to: Float64Array, toAt: number, from: Uint32Array, fromAt: number): void {
  for (let at = 0; at < PAGE; at++) to[toAt + at] += from[fromAt + at];
}
