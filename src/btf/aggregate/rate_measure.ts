// How many events there were in each of the last intervals, by the time that they carry.
import { exactInteger, type JsonValue } from "../value.ts";
import type { GroupStore } from "./group_store.ts";
import { PAGE } from "./log_linear.ts";
import type { Measure, ShapeBuilder } from "./measure.ts";
import type { NumberSource } from "./number_source.ts";

/** Intervals of an answer; a page has room for a few more that come out of order. */
const mostIntervals = 60;

/** Intervals are numbered from that of the first event on; earlier ones are negative. */
export class RateMeasure implements Measure {
  readonly #sources: readonly (NumberSource | null)[];
  readonly #intervalMs: number;
  readonly #page: number;
  /** The newest interval of the group, and the events of those that fell out. */
  readonly #newest: number;
  #base = 0;
  #first = Infinity;
  #last = -Infinity;

  /** @param sources of the time in nanoseconds, by event type */
  constructor(
    readonly name: string,
    sources: readonly (NumberSource | null)[],
    intervalMs: number,
    shape: ShapeBuilder,
  ) {
    this.#sources = sources;
    this.#intervalMs = intervalMs;
    this.#page = shape.pages(1);
    this.#newest = shape.doubles(-Infinity, 0);
  }

  source(type: number): string {
    const field = this.#sources[type];
    if (field === null) return "";
    const time = field.kind === "wide" ? "hi*4294967296+lo" : "v";
    return `if(end>=at+${field.need}){${field.source}${this.name}.tick(store,g,${time});}`;
  }

  tick(store: GroupStore, group: number, time: number): void {
    const interval = Math.floor(time / (this.#intervalMs * 1e6));
    if (this.#first === Infinity) this.#base = interval;
    const number = interval - this.#base;
    if (number < this.#first) this.#first = number;
    if (number > this.#last) this.#last = number;
    const at = group * store.stride + this.#newest;
    const newest = store.values[at];
    if (number <= newest - PAGE) {
      store.values[at + 1]++;
      return;
    }
    if (number > newest) this.#advance(store, group, number);
    store.place(group, this.#page, number & (PAGE - 1));
  }

  /** Makes room for the intervals up to `number`: what they displace has fallen out. */
  #advance(store: GroupStore, group: number, number: number): void {
    const { values, counters } = store;
    const at = group * store.stride + this.#newest;
    const page = store.pageAt(group, this.#page);
    const from = Math.max(values[at] + 1, number - PAGE + 1);
    for (let interval = from; page >= 0 && interval <= number; interval++) {
      values[at + 1] += counters[page + (interval & (PAGE - 1))];
      counters[page + (interval & (PAGE - 1))] = 0;
    }
    values[at] = number;
  }

  /** The newest intervals that any group has, so that the rows of an answer lie side by side. */
  value(store: GroupStore, group: number): JsonValue {
    const at = group * store.stride + this.#newest;
    const [newest, fallen] = store.values.subarray(at, at + 2);
    const page = store.pageAt(group, this.#page);
    if (page < 0) return null;
    const counters = store.counters.subarray(page, page + PAGE);
    const from = Math.max(this.#first, this.#last - mostIntervals + 1);
    const counts: number[] = [];
    for (let number = from; number <= this.#last; number++) {
      const isKept = number <= newest && number > newest - PAGE;
      counts.push(isKept ? counters[number & (PAGE - 1)] : 0);
    }
    const all = counters.reduce((sum, count) => sum + count, fallen);
    const earlier = counts.reduce((rest, count) => rest - count, all);
    const start = BigInt(this.#base + from) * BigInt(this.#intervalMs) * 1_000_000n;
    return { interval_ms: this.#intervalMs, start_ns: exactInteger(start), counts, earlier };
  }

  clear(): void {
    this.#first = Infinity;
    this.#last = -Infinity;
  }
}
