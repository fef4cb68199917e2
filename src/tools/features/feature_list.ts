// A page of features: filtered by pattern and verdict, with what may have been meant when nothing
// matches.
import type { Feature } from "../../kernel/features/feature.ts";
import { listPattern, patternWords } from "../../view/list_pattern.ts";
import { nearest } from "../../view/nearest.ts";
import { decodeCursor, jsonBytes, listOf, pageOf } from "../../view/page.ts";

const NEAREST = 5;
/** JSON around the rows. */
const FRAME_BYTES = 512;

export interface FeatureFilter {
  readonly pattern?: string | undefined;
  /** Only what the kernel takes, or only what it does not. */
  readonly accepted?: boolean | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** For the whole answer. */
  readonly byteBudget: number;
}

/** How a feature is found and shown. */
export interface Shown<Item, Row> {
  nameOf(item: Item): string;
  rowOf(item: Item): Row;
}

export interface FeaturePage<Row> {
  readonly items: Row[];
  readonly total: number;
  readonly truncated: boolean;
  readonly next_cursor: string | null;
  /** Only when nothing matches. */
  readonly nearest?: string[];
}

/** A list of features, and what a page of it is cut from. */
export class FeatureList<Item extends Feature, Row> {
  readonly #features: readonly Item[];
  readonly #found: readonly Item[];
  readonly #filter: FeatureFilter;
  readonly #shown: Shown<Item, Row>;
  /** What a cursor belongs to. */
  readonly #owner: string;
  /** For the rows. */
  readonly #bytes: number;

  /**
   * @param list its name: the tool, and what else tells it from the tool's other lists
   * @param beside what else the answer holds, and takes from its bytes
   */
  constructor(
    list: string,
    features: readonly Item[],
    filter: FeatureFilter,
    beside: unknown,
    shown: Shown<Item, Row>,
  ) {
    const { pattern, accepted } = filter;
    const matches = pattern === undefined ? () => true : listPattern(pattern);
    this.#features = features;
    this.#found = features.filter((item) =>
      (accepted === undefined || item.accepted === accepted) && matches(shown.nameOf(item))
    );
    this.#filter = filter;
    this.#shown = shown;
    const [tool = list] = list.split(" ", 1);
    this.#owner = listOf(tool, [list, pattern, accepted]);
    this.#bytes = filter.byteBudget - FRAME_BYTES - jsonBytes(beside);
  }

  /**
   * Makes the rows of the page one by one, for a caller that gives way in between: some take the
   * kernel 50 ms, and are remembered.
   */
  *ahead(): Generator<Row> {
    const { cursor, limit } = this.#filter;
    const start = cursor === undefined ? 0 : decodeCursor(this.#owner, cursor);
    let bytes = 0;
    for (const item of this.#found.slice(Number(start)).slice(0, limit)) {
      const row = this.#shown.rowOf(item);
      yield row;
      bytes += jsonBytes(row);
      if (bytes > this.#bytes) return;
    }
  }

  page(): FeaturePage<Row> {
    const { pattern, limit, cursor } = this.#filter;
    const { nameOf, rowOf } = this.#shown;
    const request = {
      limit,
      byteBudget: this.#bytes,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = pageOf(this.#owner, this.#found, request, rowOf);
    if (page.total > 0 || pattern === undefined) return page;
    const names = this.#features.map((item) => nameOf(item));
    return { ...page, nearest: nearest(patternWords(pattern), names, NEAREST) };
  }
}
