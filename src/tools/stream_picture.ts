// A table's rows as a picture: stacks as a flame graph, counts by powers of two as a histogram.
import { validationError } from "../errors.ts";
import type { FieldMeaning } from "../gadgets/field.ts";
import type { JsonObject } from "../btf/decode.ts";
import {
  histogramField,
  type HistoryBucket,
  mergedHistogram,
  SPAN_MS,
} from "../session/table_history.ts";
import type { TableStream } from "../session/table_stream.ts";
import { heatMap } from "../view/picture/heat_map.ts";
import { flameGraph } from "../view/picture/flame_graph.ts";
import { foldedStacks } from "../view/picture/folded.ts";
import { type Bucket, histogramSvg, histogramText } from "../view/picture/histogram.ts";
import type { Unit } from "../view/picture/number_text.ts";
import { foldStacks } from "../view/picture/stack_rows.ts";

/** What can be drawn of a table: `null` where it has neither stacks nor counts by size. */
export type Drawable = "stacks" | "histogram" | null;

export function drawableOf({ shape }: TableStream): Drawable {
  const formats = Object.values(shape.fields).map(({ format }) => format);
  if (formats.includes("kernel_stack") || formats.includes("user_stack")) return "stacks";
  return formats.includes("log2") ? "histogram" : null;
}

/**
 * One SVG document over all rows.
 * @throws validation/invalid_arguments for a table of which there is nothing to draw;
 *   kernel/map_read_failed
 */
export async function drawTable(stream: TableStream, signal: AbortSignal): Promise<string> {
  const { rows } = await stream.rows(signal);
  const title = titleOf(stream);
  const { fields, sort } = stream.shape;
  switch (drawableOf(stream)) {
    case "stacks":
      return flameGraph(foldStacks(rows, sort), { title, of: sort, unit: unitOf(fields[sort]) })
        .svg;
    case "histogram": {
      const [name, meaning] = sizesOf(fields);
      return histogramSvg(bucketsOf(rows, name), { title, unit: unitOf(meaning) });
    }
    case null:
      throw nothingToDraw(stream);
  }
}

/**
 * How the sizes came over time, second by second.
 * @throws validation/invalid_arguments for a table without counts by size
 */
export function drawHistory(stream: TableStream): string {
  if (drawableOf(stream) !== "histogram") throw nothingToDraw(stream);
  const columns = stream.history.map(({ endMs, buckets }) => {
    return { startMs: Math.max(0, Math.round(endMs - SPAN_MS)), buckets: sorted(buckets) };
  });
  const [, meaning] = sizesOf(stream.shape.fields);
  return heatMap(columns, { title: titleOf(stream), unit: unitOf(meaning) });
}

/**
 * The same as lines: a stack with its count, or a bar for each range.
 * @throws as `drawTable` does
 */
export async function tableLines(stream: TableStream, signal: AbortSignal): Promise<string> {
  const { rows } = await stream.rows(signal);
  const { fields, sort } = stream.shape;
  switch (drawableOf(stream)) {
    case "stacks":
      return foldedStacks(foldStacks(rows, sort)).join("\n");
    case "histogram": {
      const [name, meaning] = sizesOf(fields);
      return histogramText(bucketsOf(rows, name), unitOf(meaning));
    }
    case null:
      throw nothingToDraw(stream);
  }
}

function titleOf({ mapName, id }: TableStream): string {
  return `${mapName} of ${id}`;
}

function nothingToDraw({ id, mapName }: TableStream): Error {
  return validationError(
    "invalid_arguments",
    `Cannot draw "${mapName}" of ${id}: it has neither stacks nor counts by size`,
    { stream_id: id, hint: `read_stream ${id} gives its rows` },
  );
}

function sizesOf(fields: Readonly<Record<string, FieldMeaning>>): [string, FieldMeaning] {
  const name = histogramField(fields) ?? "";
  return [name, fields[name] ?? { doc: "" }];
}

function unitOf(meaning: FieldMeaning | undefined): Unit {
  return meaning?.unit ?? "count";
}

/** All rows together. */
function bucketsOf(rows: readonly JsonObject[], name: string): Bucket[] {
  return sorted([...mergedHistogram(rows, name).values()]);
}

function sorted(buckets: readonly HistoryBucket[]): Bucket[] {
  return buckets.map(({ from, to, count }) => ({ from, to: to ?? Infinity, count }))
    .sort((one, other) => one.from - other.from);
}
