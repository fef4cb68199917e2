// A list cut to what an answer may hold, and an opaque cursor to the rest of it.
import { validationError } from "../errors.ts";
import { toJson } from "./json.ts";

export interface PageRequest {
  /** At most this many items. */
  readonly limit: number;
  /** At most this much JSON in UTF-8 bytes; one item is always given, however large. */
  readonly byteBudget: number;
  readonly cursor?: string;
}

/** Part of a list, under the names that answers use. */
export interface Page<Item> {
  readonly items: Item[];
  readonly total: number;
  readonly truncated: boolean;
  readonly next_cursor: string | null;
}

/** A place in a list: how many items precede it, or the key of the item before it. */
export type Position = number | string;

const encoder = new TextEncoder();
const cursorVersion = 1;
const longestCursor = 2048;

/** What a value takes in an answer, in UTF-8 bytes, with the comma after it. */
export function jsonBytes(value: unknown): number {
  return encoder.encode(toJson(value)).length + 1;
}

/**
 * The name of a list whose pages are cut with the same arguments: cursors repeat only a hash of
 * them, and errors the tool alone. Two lists share a name once in 2^32.
 */
export function listOf(tool: string, sameArguments: unknown): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of encoder.encode(JSON.stringify(sameArguments))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return `${tool} #${(hash >>> 0).toString(36)}`;
}

/** A cursor for `list`, a name of `listOf`, or another that means the same list on every page. */
export function encodeCursor(list: string, position: Position): string {
  const json = JSON.stringify([cursorVersion, list, position]);
  return encoder.encode(json).toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The position in a cursor.
 * @throws validation/invalid_cursor when it is no cursor of ours or belongs to another list
 */
export function decodeCursor(list: string, cursor: string): Position {
  const parts = parseCursor(cursor);
  if (parts === null) throw invalidCursor(list, "it is none that an answer gave");
  const [version, owner, position] = parts;
  if (version !== cursorVersion) throw invalidCursor(list, "it is from another version");
  if (owner !== list) throw invalidCursor(list, otherOwner(list, String(owner)));
  if (typeof position === "string") return position;
  if (typeof position === "number" && Number.isSafeInteger(position) && position >= 0) {
    return position;
  }
  throw invalidCursor(list, "its position is out of range");
}

function parseCursor(cursor: string): unknown[] | null {
  if (cursor.length > longestCursor) return null;
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return Array.isArray(value) && value.length === 3 ? value : null;
  } catch {
    return null; // not base64url, not UTF-8 or not JSON: the caller says so
  }
}

/** @returns the error that says why a cursor of `list` cannot be used */
export function invalidCursor(list: string, reason: string): Error {
  const message = `Cannot continue "${withoutHash(list)}" at the cursor: ${reason}`;
  return validationError("invalid_cursor", message, {
    hint: "Pass next_cursor exactly as the last answer gave it, with the same other arguments",
  });
}

function otherOwner(list: string, owner: string): string {
  const name = withoutHash(owner).slice(0, 100);
  return name === withoutHash(list)
    ? "it was given for other arguments"
    : `it belongs to "${name}"`;
}

function withoutHash(list: string): string {
  return list.split(" #", 1)[0];
}

/** The next page of a list that stays as it is between calls; positions are indexes. */
export function page<Item>(
  list: string,
  items: readonly Item[],
  request: PageRequest,
): Page<Item> {
  return pageOf(list, items, request, (item) => item);
}

/** The same for a long list whose items cost something: only those of the page are made. */
export function pageOf<Entry, Item>(
  list: string,
  entries: readonly Entry[],
  request: PageRequest,
  make: (entry: Entry) => Item,
): Page<Item> {
  const start = request.cursor === undefined ? 0 : decodeCursor(list, request.cursor);
  if (typeof start !== "number") throw invalidCursor(list, "its position is out of range");
  const taken = take(entries, start, request, make);
  const end = start + taken.length;
  return close(list, taken, entries.length, end < entries.length ? end : null);
}

/**
 * The next page of a list that may change between calls: the items, sorted by rising numeric key
 * (a kernel id), after the last one given. Nothing that stays is given twice or skipped.
 */
export function pageByKey<Item>(
  list: string,
  items: readonly Item[],
  keyOf: (item: Item) => number,
  request: PageRequest,
): Page<Item> {
  const after = request.cursor === undefined ? -1 : decodeCursor(list, request.cursor);
  if (typeof after !== "number") throw invalidCursor(list, "its position is out of range");
  const found = items.findIndex((item) => keyOf(item) > after);
  const start = found === -1 ? items.length : found;
  const taken = take(items, start, request, (item) => item);
  const last = taken.at(-1);
  const rest = start + taken.length < items.length && last !== undefined;
  return close(list, taken, items.length, rest ? keyOf(last) : null);
}

function take<Entry, Item>(
  entries: readonly Entry[],
  start: number,
  request: PageRequest,
  make: (entry: Entry) => Item,
): Item[] {
  const taken: Item[] = [];
  let bytes = 0;
  for (let i = start; i < entries.length && taken.length < request.limit; i++) {
    const entry = entries[i];
    if (entry === undefined) break;
    const item = make(entry);
    bytes += jsonBytes(item);
    if (bytes > request.byteBudget && taken.length > 0) break;
    taken.push(item);
  }
  return taken;
}

function close<Item>(list: string, items: Item[], total: number, next: Position | null) {
  return {
    items,
    total,
    truncated: next !== null,
    next_cursor: next === null ? null : encodeCursor(list, next),
  };
}
