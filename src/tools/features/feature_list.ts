// A page of features: filtered by pattern and verdict, with what may have been meant when nothing
// matches.
import type { Feature } from "../../kernel/features/feature.ts";
import { listPattern, patternWords } from "../../view/list_pattern.ts";
import { nearest } from "../../view/nearest.ts";
import { jsonBytes, pageOf } from "../../view/page.ts";

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

/**
 * @param list what a cursor belongs to, beside pattern and verdict
 * @param beside what else the answer holds, and takes from its bytes
 */
export function listFeatures<Item extends Feature, Row>(
  list: string,
  features: readonly Item[],
  filter: FeatureFilter,
  beside: unknown,
  { nameOf, rowOf }: Shown<Item, Row>,
): FeaturePage<Row> {
  const { pattern, accepted, limit, cursor } = filter;
  const matches = pattern === undefined ? () => true : listPattern(pattern);
  const verdicts = features.filter((item) => accepted === undefined || item.accepted === accepted);
  const found = verdicts.filter((item) => matches(nameOf(item)));
  const byteBudget = filter.byteBudget - FRAME_BYTES - jsonBytes(beside);
  const request = { limit, byteBudget, ...(cursor === undefined ? {} : { cursor }) };
  const owner = `${list} ${JSON.stringify([pattern, accepted])}`;
  const page = pageOf(owner, found, request, rowOf);
  if (found.length > 0 || pattern === undefined) return page;
  return { ...page, nearest: nearest(patternWords(pattern), features.map(nameOf), NEAREST) };
}
