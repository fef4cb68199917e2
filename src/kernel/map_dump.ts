// One page of a map's elements, decoded, with a cursor to go on.
import type { JsonValue } from "../btf/decode.ts";
import { validationError } from "../errors.ts";
import { giveWay } from "../slices.ts";
import { cutValue } from "../view/cut_value.ts";
import { decodeCursor, encodeCursor, jsonBytes } from "../view/page.ts";
import type { BpfMap } from "./bpf_map.ts";
import { MapBatches, type MapPosition, positionBytes, type WalkMode } from "./map_batches.ts";
import { type MapCodec, mapCodec } from "./map_codec.ts";
import { unlistedHint } from "./unlisted_maps.ts";

export interface DumpRequest {
  /** Elements at most. */
  maxEntries: number;
  /** Bytes of JSON at most; an element that alone takes more is cut. */
  byteBudget: number;
  cursor?: string;
  signal: AbortSignal;
}

export interface DumpEntry {
  key: JsonValue;
  value: JsonValue;
  /** Present when only the beginning of the element is given: it alone is over the budget. */
  cut?: boolean;
}

export interface DumpPage {
  entries: DumpEntry[];
  /** Elements in the map; null when counting them would take too long. */
  total: number | null;
  /** False when keys and values are hexadecimal because the map has no BTF. */
  typed: boolean;
  truncated: boolean;
  next_cursor: string | null;
}

/** Elements that are counted for `total` before giving up. */
const MOST_COUNTED = 1_000_000;
const LARGEST_BATCH = 4096;
/** After this a page ends, and counting gives up: a map may have millions of empty slots. */
const PATIENCE_MS = 2_000;
const CUT_MARK_BYTES = 32;

/**
 * Reads elements in the kernel's order, giving way to other work between batches. The map may
 * change meanwhile: this is no snapshot.
 * @throws map_read_failed, invalid_cursor, invalid_arguments for maps that have no elements to list
 */
export async function dumpMap(map: BpfMap, request: DumpRequest): Promise<DumpPage> {
  requireListable(map);
  const start = startOf(map, request.cursor);
  const batches = new MapBatches(
    map,
    Math.min(request.maxEntries + start.skip, LARGEST_BATCH),
    start.mode,
    start.position,
  );
  const page = await takePage(map, batches, start.skip, request);
  const whole = request.cursor === undefined && !page.truncated;
  const total = whole ? page.entries.length : await countElements(map, request.signal);
  return { ...page, total };
}

type Start = { mode: WalkMode; position: MapPosition | null; skip: number };

type Taken = Omit<DumpPage, "total">;

async function takePage(
  map: BpfMap,
  batches: MapBatches,
  skip: number,
  request: DumpRequest,
): Promise<Taken> {
  const codec = mapCodec(map);
  const deadline = performance.now() + PATIENCE_MS;
  const entries: DumpEntry[] = [];
  let bytes = 0;
  let first = skip;
  const stop = (index: number): Taken => ({
    entries,
    typed: codec.typed,
    truncated: true,
    next_cursor: cursorAt(map, batches, index),
  });
  for (let count = batches.next(); count !== null; count = batches.next()) {
    for (let index = first; index < count; index++) {
      if (entries.length === request.maxEntries) return stop(index);
      const entry = readEntry(codec, batches, index, request.byteBudget);
      bytes += jsonBytes(entry);
      if (bytes > request.byteBudget && entries.length > 0) return stop(index);
      entries.push(entry);
    }
    first = Math.max(0, first - count);
    await giveWay(request.signal);
    if (performance.now() > deadline) return stop(count);
  }
  return { entries, typed: codec.typed, truncated: false, next_cursor: null };
}

/** An element that alone is over the budget is cut, and says so. */
function readEntry(
  codec: MapCodec,
  { keys, values }: MapBatches,
  index: number,
  byteBudget: number,
): DumpEntry {
  const entry = { key: codec.key(keys, index), value: codec.element(values, index) };
  if (jsonBytes(entry) <= byteBudget) return codec.whole ? entry : { ...entry, cut: true };
  const { value, cut } = cutValue(entry, byteBudget - CUT_MARK_BYTES);
  return { ...entry, ...(isEntry(value) ? value : {}), ...(cut ? { cut } : {}) };
}

function isEntry(value: unknown): value is { key: JsonValue; value: JsonValue } {
  return typeof value === "object" && value !== null;
}

/** A cursor is mode, elements of the batch that were given already, and the kernel's position. */
function cursorAt(map: BpfMap, batches: MapBatches, index: number): string {
  const position = batches.before?.toHex() ?? "";
  return encodeCursor(listName(map), `${batches.mode} ${index} ${position}`);
}

function startOf(map: BpfMap, cursor: string | undefined): Start {
  if (cursor === undefined) return { mode: "batch", position: null, skip: 0 };
  const match = /^(batch|by_key) (\d{1,9}) ((?:[0-9a-f]{2})*)$/.exec(
    String(decodeCursor(listName(map), cursor)),
  );
  const mode = match?.[1] === "batch" ? "batch" : "by_key";
  const isWhole = match?.[3] === "" || match?.[3].length === 2 * positionBytes(map, mode);
  if (match === null || !isWhole) {
    throw validationError("invalid_cursor", `Cannot continue "${map.name}" at this cursor`, {
      hint: "start again without a cursor",
    });
  }
  return {
    mode,
    position: match[3] === "" ? null : padded(Uint8Array.fromHex(match[3])),
    skip: Number(match[2]),
  };
}

/** At an address that does not move, because the kernel keeps it between two calls. */
function padded(bytes: Uint8Array): MapPosition {
  const fixed = new Uint8Array(new ArrayBuffer(Math.max(bytes.length, 72)), 0, bytes.length);
  fixed.set(bytes);
  return fixed;
}

function listName(map: BpfMap): string {
  return `map ${map.info.id}`;
}

/** Arrays tell; others are counted in batches. Null where that is not to be had quickly. */
async function countElements(map: BpfMap, signal: AbortSignal): Promise<number | null> {
  if (map.isArray) return map.info.maxEntries;
  const deadline = performance.now() + PATIENCE_MS;
  const batches = new MapBatches(map, LARGEST_BATCH, "batch", null);
  let total = 0;
  for (let count = batches.next(); count !== null; count = batches.next()) {
    total += count;
    const isSlow = batches.mode === "by_key" || performance.now() > deadline;
    if (total > MOST_COUNTED || isSlow) return null;
    await giveWay(signal);
  }
  return total;
}

function requireListable(map: BpfMap): void {
  const unlisted = unlistedHint(map.info.type);
  if (unlisted === null) return;
  const { type, hint } = unlisted;
  const message = `Map "${map.name}" is of type ${type}: it lists no elements`;
  const context = { map_id: map.info.id, map_type: type, hint };
  throw validationError("invalid_arguments", message, context);
}
