// What a stream counted as a picture: stacks as a flame graph, counts by size as a histogram.
import { validationError } from "../errors.ts";
import type { FieldMeaning } from "../gadgets/field.ts";
import type { JsonObject } from "../btf/decode.ts";
import { EventStream } from "../session/stream.ts";
import type { SessionStream } from "../session/streams.ts";
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
import { type Unit, unitOfName } from "../view/picture/number_text.ts";
import { foldStacks } from "../view/picture/stack_rows.ts";

/** What can be drawn of a stream: `null` where it has neither stacks nor counts by size. */
export type Drawable = "stacks" | "histogram" | null;

/** Events are drawn by the histogram of their sum. */
export function drawableOf(stream: SessionStream): Drawable {
  if (stream instanceof EventStream) return stream.spread === null ? null : "histogram";
  const formats = Object.values(stream.shape.fields).map(({ format }) => format);
  if (formats.includes("kernel_stack") || formats.includes("user_stack")) return "stacks";
  return formats.includes("log2") ? "histogram" : null;
}

/** The resource with the picture, for an answer; nothing where there is none. */
export function pictureOf(stream: SessionStream): { picture?: string } {
  return drawableOf(stream) === null ? {} : { picture: `bpf://session/pictures/${stream.id}` };
}

/**
 * One SVG document over all that was counted.
 * @throws validation/invalid_arguments for a stream of which there is nothing to draw;
 *   kernel/map_read_failed
 */
export async function drawStream(stream: SessionStream, signal: AbortSignal): Promise<string> {
  if (drawableOf(stream) === "stacks" && !(stream instanceof EventStream)) {
    const { rows } = await stream.rows(signal);
    const { fields, sort } = stream.shape;
    const of = sort === "count" ? stream.mapName : sort;
    const text = { title: titleOf(stream), of, unit: unitOf(fields[sort]) };
    return flameGraph(foldStacks(rows, sort), text).svg;
  }
  const { buckets, ...labels } = await histogramOf(stream, signal);
  return histogramSvg(buckets, labels);
}

/**
 * How the sizes came over time, second by second.
 * @throws validation/invalid_arguments for a stream without counts by size
 */
export function drawHistory(stream: SessionStream): string {
  const isTimed = drawableOf(stream) === "histogram";
  const source = stream instanceof EventStream ? stream.spread : stream;
  if (!isTimed || source === null) throw nothingToDraw(stream);
  const columns = source.history.map(({ endMs, buckets }) => {
    return { startMs: Math.max(0, Math.round(endMs - SPAN_MS)), buckets: sorted(buckets) };
  });
  return heatMap(columns, { title: titleOf(stream), unit: sizeUnit(stream) });
}

/**
 * The same as lines: a stack with its count, or a bar for each range.
 * @throws as `drawStream` does
 */
export async function streamLines(stream: SessionStream, signal: AbortSignal): Promise<string> {
  if (drawableOf(stream) === "stacks" && !(stream instanceof EventStream)) {
    const { rows } = await stream.rows(signal);
    return foldedStacks(foldStacks(rows, stream.shape.sort)).join("\n");
  }
  const { buckets, unit } = await histogramOf(stream, signal);
  return histogramText(buckets, unit);
}

interface Histogram {
  readonly title: string;
  readonly unit: Unit;
  readonly buckets: readonly Bucket[];
}

/** All rows together, or all groups of a sum. @throws as `drawStream` does */
async function histogramOf(stream: SessionStream, signal: AbortSignal): Promise<Histogram> {
  if (drawableOf(stream) !== "histogram") throw nothingToDraw(stream);
  const labels = { title: titleOf(stream), unit: sizeUnit(stream) };
  if (stream instanceof EventStream) return { ...labels, buckets: stream.spread?.buckets ?? [] };
  const { rows } = await stream.rows(signal);
  return { ...labels, buckets: bucketsOf(rows, sizesOf(stream)[0]) };
}

function titleOf(stream: SessionStream): string {
  const { mapName, id } = stream;
  const column = stream instanceof EventStream ? stream.spread?.column : undefined;
  return `${column === undefined ? "" : `${column} of `}${mapName} of ${id}`;
}

function nothingToDraw({ id, mapName }: SessionStream): Error {
  return validationError(
    "invalid_arguments",
    `Cannot draw "${mapName}" of ${id}: it has neither stacks nor counts by size`,
    {
      stream_id: id,
      hint: `read_stream ${id} gives what it has; events that are started with an aggregate ` +
        "of op hist can be drawn",
    },
  );
}

function sizesOf({ shape: { fields } }: TableStream): [string, FieldMeaning] {
  const name = histogramField(fields) ?? "";
  return [name, fields[name] ?? { doc: "" }];
}

function sizeUnit(stream: SessionStream): Unit {
  if (stream instanceof EventStream) return unitOfName(stream.spread?.column ?? "");
  return unitOf(sizesOf(stream)[1]);
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
