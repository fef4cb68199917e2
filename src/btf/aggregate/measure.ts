// What all measures have in common: a place in every group, code that runs for each event, and a
// value for the answer.
import type { JsonValue } from "../value.ts";
import type { Counters } from "./distribution.ts";
import type { GroupShape, GroupStore } from "./group_store.ts";

/** What is computed for each group, and asked for by a column or more. */
export interface Measure {
  /**
   * Statements for one event of type `type`. They may use `u8`, `u32`, `i32` (the memory), `at`
   * and `end` (the record), `g` (the group), `b` (where its doubles begin in `x`), `store`, the
   * functions of `runtime.ts`, and this measure by its name.
   */
  source(type: number): string;
  /** What the statements call this measure; null when they do not. */
  readonly name: string | null;
  /** Forgets what it keeps beside the store. */
  clear(): void;
}

/** A column of the answer. */
export interface Column {
  readonly name: string;
  value(store: GroupStore, group: number): JsonValue;
  /** How the values of all groups are spread. Absent where the column is no histogram. */
  readonly spread?: (all: Counters) => JsonValue;
  /** What rows are sorted by; null where there is no value. Absent where there is no order. */
  readonly order?: (store: GroupStore, group: number) => number | bigint | null;
}

/** Gives measures their places. */
export class ShapeBuilder {
  readonly #initial: number[] = [0];
  #pages = 0;
  #keptBytes = 0;

  /** The place of doubles that begin as `initial`. */
  doubles(...initial: readonly number[]): number {
    return this.#initial.push(...initial) - initial.length;
  }

  /** The first of `count` pages of counters. */
  pages(count: number): number {
    this.#pages += count;
    return this.#pages - count;
  }

  /** The place of `bytes` bytes. */
  kept(bytes: number): number {
    this.#keptBytes += bytes;
    return this.#keptBytes - bytes;
  }

  build(): GroupShape {
    const initial = Float64Array.from(this.#initial);
    return { initial, pages: this.#pages, keptBytes: this.#keptBytes };
  }
}
