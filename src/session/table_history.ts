// How a table's histogram grew, second by second: for a picture over time.
import type { JsonObject, JsonValue } from "../btf/decode.ts";
import type { FieldMeaning } from "../gadgets/field.ts";

export interface HistoryBucket {
  readonly from: number;
  /** Exclusive; null for the last, which counts all that is beyond too. */
  readonly to: number | null;
  readonly count: number;
}

/** What was counted in one span of time, over all rows. */
export interface HistoryColumn {
  /** Milliseconds from the start of the table to the end of the span. */
  readonly endMs: number;
  readonly buckets: readonly HistoryBucket[];
}

/** Between two looks. */
export const SPAN_MS = 1_000;
/** The newest that are kept: ten minutes. */
const MOST_COLUMNS = 600;

/** The field of a table that holds counts by powers of two; null where it has none. */
export function histogramField(fields: Readonly<Record<string, FieldMeaning>>): string | null {
  return Object.entries(fields).find(([, { format }]) => format === "log2")?.[0] ?? null;
}

export class TableHistory {
  readonly #field: string;
  #before = new Map<number, HistoryBucket>();
  #columns: HistoryColumn[] = [];

  constructor(field: string) {
    this.#field = field;
  }

  get columns(): readonly HistoryColumn[] {
    return this.#columns;
  }

  /** Adds what the rows count beyond the last look. */
  add(rows: readonly JsonObject[], endMs: number): void {
    const now = mergedHistogram(rows, this.#field);
    const buckets = [...now.values()].map(({ from, to, count }) => {
      return { from, to, count: count - (this.#before.get(from)?.count ?? 0) };
    });
    this.#before = now;
    this.#columns.push({ endMs, buckets: buckets.filter(({ count }) => count > 0) });
    if (this.#columns.length > MOST_COLUMNS) this.#columns = this.#columns.slice(-MOST_COLUMNS);
  }
}

/** One histogram of all rows, by where buckets begin. */
export function mergedHistogram(
  rows: readonly JsonObject[],
  field: string,
): Map<number, HistoryBucket> {
  const merged = new Map<number, HistoryBucket>();
  for (const row of rows) {
    for (const { from, to, count } of bucketsOf(row[field] ?? null)) {
      merged.set(from, { from, to, count: count + (merged.get(from)?.count ?? 0) });
    }
  }
  return merged;
}

/** Those of a histogram as rows hold it (log2_histogram.ts). */
function bucketsOf(value: JsonValue): HistoryBucket[] {
  const isHistogram = typeof value === "object" && value !== null && !Array.isArray(value);
  const buckets = isHistogram ? value.buckets : null;
  if (!Array.isArray(buckets)) return [];
  return buckets.flatMap((bucket) => {
    if (typeof bucket !== "object" || bucket === null || Array.isArray(bucket)) return [];
    const { from, to, count } = bucket;
    if (typeof from !== "number" || typeof count !== "number") return [];
    return [{ from, to: typeof to === "number" ? to : null, count }];
  });
}
