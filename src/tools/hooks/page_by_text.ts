// A page of a list that may change between calls, sorted by text.
import {
  decodeCursor,
  encodeCursor,
  invalidCursor,
  type Page,
  pageOf,
  type PageRequest,
} from "../../view/page.ts";

/** By rising key, each once. */
export interface Keyed {
  readonly key: string;
}

/** The entries behind the one that was given last; nothing that stays is given twice or skipped. */
export function pageByText<Entry extends Keyed, Item>(
  list: string,
  entries: readonly Entry[],
  { cursor, ...request }: PageRequest,
  make: (entry: Entry) => Item,
): Page<Item> {
  const after = cursor === undefined ? "" : position(list, cursor);
  const rest = entries.filter(({ key }) => key > after);
  const { items, truncated } = pageOf(list, rest, request, make);
  const last = rest[items.length - 1];
  const next = truncated && last !== undefined ? encodeCursor(list, last.key) : null;
  return { items, total: entries.length, truncated, next_cursor: next };
}

function position(list: string, cursor: string): string {
  const found = decodeCursor(list, cursor);
  if (typeof found === "string") return found;
  throw invalidCursor(list, "its position is a number");
}
