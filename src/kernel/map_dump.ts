// One page of a map's elements, decoded, with a cursor to go on.
import type { JsonValue } from "../btf/decode.ts";
import { validationError } from "../errors.ts";
import { decodeCursor, encodeCursor, jsonBytes } from "../view/page.ts";
import { type BpfMap, mapType } from "./bpf_map.ts";
import { MapBatches, type MapPosition } from "./map_batches.ts";
import { mapCodec } from "./map_codec.ts";

export interface DumpRequest {
  /** Elements at most. */
  maxEntries: number;
  /** Bytes of JSON at most; one element is given however large it is. */
  byteBudget: number;
  cursor?: string;
  signal: AbortSignal;
}

export interface DumpPage {
  entries: { key: JsonValue; value: JsonValue }[];
  /** Elements in the map; null when counting them would take too long. */
  total: number | null;
  /** False when keys and values are hexadecimal because the map has no BTF. */
  typed: boolean;
  truncated: boolean;
  next_cursor: string | null;
}

/** Elements that are counted for `total` before giving up. */
const MOST_COUNTED = 1_000_000;
const COUNT_BATCH_BYTES = 4 << 20;
const LARGEST_BATCH = 4096;

const unreadable = [
  "ringbuf",
  "user_ringbuf",
  "perf_event_array",
  "queue",
  "stack",
  "bloom_filter",
  "struct_ops",
  "arena",
] as const;

/**
 * Reads elements in the kernel's order. The map may change meanwhile: this is no snapshot.
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
  const page = takePage(map, batches, start.skip, request);
  const total = await countElements(map, request.signal);
  return { ...page, total };
}

type Start = { mode: "batch" | "by_key"; position: MapPosition | null; skip: number };

function takePage(
  map: BpfMap,
  batches: MapBatches,
  skip: number,
  request: DumpRequest,
): Omit<DumpPage, "total"> {
  const codec = mapCodec(map);
  const entries: DumpPage["entries"] = [];
  let bytes = 0;
  let first = skip;
  const stop = (index: number): Omit<DumpPage, "total"> => ({
    entries,
    typed: codec.typed,
    truncated: true,
    next_cursor: cursorAt(map, batches, index),
  });
  for (let count = batches.next(); count > 0; count = batches.next()) {
    for (let index = first; index < count; index++) {
      if (entries.length === request.maxEntries) return stop(index);
      const entry = {
        key: codec.key(batches.keys, index),
        value: codec.element(batches.values, index),
      };
      bytes += jsonBytes(entry);
      if (bytes > request.byteBudget && entries.length > 0) return stop(index);
      entries.push(entry);
    }
    first = Math.max(0, first - count);
    request.signal.throwIfAborted();
  }
  return { entries, typed: codec.typed, truncated: false, next_cursor: null };
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
  const bytes = Math.max(map.info.keyBytes, 4);
  if (match === null || (match[3] !== "" && match[3].length !== wantedHex(match[1], map, bytes))) {
    throw validationError("invalid_cursor", `Cannot continue "${map.name}" at this cursor`, {
      hint: "start again without a cursor",
    });
  }
  const mode = match[1] === "batch" ? "batch" : "by_key";
  return {
    mode,
    position: match[3] === "" ? null : padded(Uint8Array.fromHex(match[3])),
    skip: Number(match[2]),
  };
}

function wantedHex(mode: string, map: BpfMap, batchBytes: number): number {
  return 2 * (mode === "batch" ? batchBytes : map.info.keyBytes);
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

/** Arrays tell; others are counted, giving way to other work between batches. */
async function countElements(map: BpfMap, signal: AbortSignal): Promise<number | null> {
  if (map.isArray) return map.info.maxEntries;
  const room = COUNT_BATCH_BYTES / Math.max(1, map.elementBytes + map.info.keyBytes);
  const batches = new MapBatches(map, Math.min(Math.floor(room), LARGEST_BATCH), "batch", null);
  let total = 0;
  for (let count = batches.next(); count > 0; count = batches.next()) {
    total += count;
    if (total > MOST_COUNTED || batches.mode === "by_key" && total > LARGEST_BATCH) return null;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return total;
}

function requireListable(map: BpfMap): void {
  const type = unreadable.find((name) => mapType(name) === map.info.type);
  if (type === undefined) return;
  const rings = ["ringbuf", "perf_event_array"];
  throw validationError(
    "invalid_arguments",
    `Map "${map.name}" is a ${type}: it lists no elements`,
    {
      map_id: map.info.id,
      map_type: type,
      hint: rings.includes(type)
        ? "use stream_events"
        : "its elements cannot be read without taking them",
    },
  );
}
