// What was counted, as an answer: the first rows by their order, and an account of all others.
import type { JsonObject, JsonValue } from "../value.ts";
import type { CheckedSpec } from "./check_spec.ts";
import { type GroupStore, OTHER } from "./group_store.ts";
import type { KeyReader } from "./key_field.ts";
import { RELATIVE_ERROR } from "./log_linear.ts";
import type { Column } from "./measure.ts";

export interface AggregateReport {
  /** The fields that groups were made by. */
  readonly by: readonly string[];
  /** The first groups, each with its key's fields and its columns. */
  readonly rows: readonly JsonObject[];
  /** The events of each of the rows. */
  readonly rowEvents: readonly number[];
  /** Groups there were. */
  readonly groups: number;
  /** Events that were counted, those of all groups and of `other`. */
  readonly events: number;
  /** Groups, and their events, that are not among the rows. */
  readonly unlisted: { readonly groups: number; readonly events: number };
  /** The columns over events that found no room in a group of their own; null when all did. */
  readonly other: JsonObject | null;
  /** Of percentiles, at most; null where none was asked for. */
  readonly relative_error: number | null;
  /** Values that found no room in the buckets of percentiles, histograms and rates. */
  readonly unplaced: number;
}

/** Takes groups apart. */
export class GroupReader {
  constructor(
    readonly spec: CheckedSpec,
    readonly columns: readonly Column[],
    readonly forms: readonly (readonly KeyReader[])[],
  ) {}

  row(store: GroupStore, group: number): JsonObject {
    return Object.fromEntries([...this.#key(store, group), ...this.#values(store, group)]);
  }

  other(store: GroupStore): JsonObject {
    return Object.fromEntries(this.#values(store, OTHER));
  }

  /** Null for a field that the records of the group ended before. */
  #key(store: GroupStore, group: number): [string, JsonValue][] {
    const key = store.keyOf(group);
    const fields = this.forms[key[0] >> 8] ?? [];
    let word = 1;
    return this.spec.by.map((path, bit) => {
      const field = fields[bit];
      if (field === undefined || (key[0] & (1 << bit)) === 0) return [path, null];
      const { value, next } = field.read(key, word);
      word = next;
      return [path, value];
    });
  }

  #values(store: GroupStore, group: number): [string, JsonValue][] {
    return this.columns.map((column) => [column.name, column.value(store, group)]);
  }
}

export function report(reader: GroupReader, store: GroupStore): AggregateReport {
  const { by, top } = reader.spec;
  const groups = sorted(reader, store);
  const rows = groups.slice(0, top).map((group) => reader.row(store, group));
  const eventsOf = (group: number) => store.values[group * store.stride];
  const sum = (some: readonly number[]) => some.reduce((all, group) => all + eventsOf(group), 0);
  const listed = sum(groups.slice(0, top));
  const all = sum(groups);
  const others = eventsOf(OTHER);
  return {
    by,
    rows,
    rowEvents: groups.slice(0, top).map(eventsOf),
    groups: groups.length,
    events: all + others,
    unlisted: { groups: groups.length - rows.length, events: all - listed },
    other: others === 0 ? null : reader.other(store),
    relative_error: isEstimated(reader.spec) ? RELATIVE_ERROR : null,
    unplaced: store.unplaced,
  };
}

function isEstimated({ columns }: CheckedSpec): boolean {
  return columns.some(({ computed }) => /^p\d+$/.test(computed.op));
}

/** Largest first, those without a value last; then more events first, then the older group. */
function sorted({ spec, columns }: GroupReader, store: GroupStore): number[] {
  const order = columns.find(({ name }) => name === spec.sort)?.order;
  const groups = Array.from({ length: store.groups - 1 }, (_, index) => {
    const group = index + 1;
    const exact = order === undefined ? 0 : order(store, group);
    const value = exact === null ? -Infinity : Number(exact);
    return { group, exact, value, events: store.values[group * store.stride] };
  });
  groups.sort((one, other) => {
    if (one.value !== other.value) return one.value < other.value ? 1 : -1;
    return compare(other.exact, one.exact) || other.events - one.events || one.group - other.group;
  });
  return groups.map(({ group }) => group);
}

/** Exact, where doubles are equal. */
function compare(one: number | bigint | null, other: number | bigint | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return one < other ? -1 : one > other ? 1 : 0;
}
