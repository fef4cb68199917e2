// The rows of a table that programs keep in a hash: the fields of each key and of its value.
import { compileDecoder, type Decoder, type JsonObject, type JsonValue } from "../btf/decode.ts";
import { EBPFError, internalError } from "../errors.ts";
import type { FieldMeaning } from "../gadgets/field.ts";
import type { BpfMap } from "../kernel/bpf_map.ts";
import { MapBatches } from "../kernel/map_batches.ts";
import { giveWay } from "../slices.ts";
import { log2Histogram } from "./log2_histogram.ts";
import { compileMerger, integer, type Merger } from "./table_merge.ts";

export interface TableShape {
  /** The value's field by which rows are sorted, largest first. */
  readonly sort: string;
  /** What its fields mean: arrays of the format log2 become histograms. */
  readonly fields: Readonly<Record<string, FieldMeaning>>;
}

export interface TableRows {
  /** The largest by `sort`, at most `most`. */
  readonly rows: readonly JsonObject[];
  /** Rows that there are. */
  readonly total: number;
}

/** Rows that are kept of one reading; the smallest beyond them are counted only. */
export const mostRows = 10_000;
const BATCH = 1024;

/**
 * Reads a hash whole, giving way between batches. What programs add meanwhile may be in it.
 * @throws map_read_failed
 */
export async function readTable(
  map: BpfMap,
  shape: TableShape,
  signal: AbortSignal,
  most = mostRows,
): Promise<TableRows> {
  const rowOf = rowReader(map, shape);
  const batches = new MapBatches(map, BATCH, "batch", null);
  let rows: JsonObject[] = [];
  let total = 0;
  for (let count = batches.next(); count !== null; count = batches.next()) {
    for (let index = 0; index < count; index++) rows.push(rowOf(batches, index));
    total += count;
    if (rows.length > 2 * most) rows = largest(rows, shape.sort, most);
    await giveWay(signal);
  }
  const sorted = largest(rows, shape.sort, most);
  return { rows: sorted.map((row) => withHistograms(row, shape)), total };
}

function largest(rows: readonly JsonObject[], field: string, most: number): JsonObject[] {
  const keyed = rows.map((row) => ({ row, size: integer(row[field] ?? null) }));
  keyed.sort((one, other) => one.size < other.size ? 1 : one.size > other.size ? -1 : 0);
  return keyed.slice(0, most).map(({ row }) => row);
}

type RowReader = (batches: MapBatches, index: number) => JsonObject;

function rowReader(map: BpfMap, { fields }: TableShape): RowReader {
  const { keyBytes, valueBytes, btfKeyTypeId, btfValueTypeId } = map.info;
  if (map.btf === null || btfKeyTypeId === null || btfValueTypeId === null) {
    throw internalError(`Map "${map.name}" has no BTF to read a table by`);
  }
  const key = compileDecoder(map.btf, btfKeyTypeId);
  const value = compileDecoder(map.btf, btfValueTypeId);
  const how = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.merge]),
  );
  const merger = map.isPerCpu ? compileMerger(map.btf, btfValueTypeId, how) : null;
  return ({ keys, values }, index) => ({
    ...record(key(keys, index * keyBytes, keyBytes)),
    ...record(
      merger === null
        ? value(values, index * map.elementBytes, valueBytes)
        : merged(map, values, index, value, merger),
    ),
  });
}

/** Each CPU's value, put together. */
function merged(
  map: BpfMap,
  values: Uint8Array,
  index: number,
  decode: Decoder,
  merge: Merger,
): JsonValue {
  const { slotBytes, elementBytes, info: { valueBytes } } = map;
  const start = index * elementBytes;
  let sum = decode(values, start, valueBytes);
  for (let at = slotBytes; at < elementBytes; at += slotBytes) {
    sum = merge(sum, decode(values, start + at, valueBytes));
  }
  return sum;
}

/** A struct's fields. */
function record(value: JsonValue): JsonObject {
  const isFields = typeof value === "object" && value !== null && !Array.isArray(value);
  return isFields ? value : { value };
}

function withHistograms(row: JsonObject, { fields }: TableShape): JsonObject {
  const shown: JsonObject = {};
  for (const [name, value] of Object.entries(row)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const histogram = field?.format === "log2" ? log2Histogram(value, field.unit ?? null) : null;
    shown[name] = histogram === null ? value : {
      ...histogram,
      buckets: histogram.buckets.map((bucket) => ({ ...bucket })),
    };
  }
  return shown;
}

/** What made a reading fail. */
export function readFailure(error: unknown): EBPFError {
  return error instanceof EBPFError ? error : internalError(String(error));
}
