// A structured answer as text for a person: scalars as lines, lists of objects as tables.
import { toJson } from "./json.ts";
import { histogramText } from "./picture/histogram.ts";
import { units } from "./picture/number_text.ts";
import { type Column, table, visible, visibleLine } from "./text.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The answer in reading order; the text is safe for a terminal and ends without a newline.
 * @param columns of the terminal: histograms keep to them
 */
export function renderAnswer(answer: Fields, columns = 80): string {
  const scalars: string[] = [];
  const blocks: string[] = [];
  for (const [name, value] of Object.entries(answer)) {
    const block = renderBlock(value, columns);
    if (block === null) scalars.push(`${visibleLine(name)}: ${inline(value)}`);
    else blocks.push(`${visibleLine(name)}:\n${block}`);
  }
  return [scalars.join("\n"), ...blocks].filter((part) => part !== "").join("\n\n");
}

/** What deserves lines of its own: a non-empty list of objects, an object, a long text. */
function renderBlock(value: unknown, columns: number): string | null {
  if (typeof value === "string" && value.includes("\n")) return visible(value.trimEnd());
  if (Array.isArray(value)) return value.length > 0 ? renderList(value, columns) : null;
  if (isFields(value) && Object.keys(value).length > 0) {
    return Object.entries(value)
      .map(([name, member]) => `  ${visibleLine(name)}: ${inline(member)}`).join("\n");
  }
  return null;
}

/** A table of what fits into cells; below it the histograms of each row, which do not. */
function renderList(values: readonly unknown[], columns: number): string | null {
  const rows = values.filter(isFields);
  if (rows.length !== values.length) return null;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const drawn = names.filter((name) => rows.some((row) => isHistogram(row[name])));
  const cells = names.filter((name) => !drawn.includes(name));
  const text = table(rows, cells.map((name) => columnOf(rows, name)));
  const pictures = rows.flatMap((row) => drawn.map((name) => pictureOf(row, name, columns)));
  return [text, ...pictures].filter((part) => part !== "").join("\n\n");
}

function columnOf(rows: readonly Fields[], name: string): Column<Fields> {
  return {
    title: visibleLine(name).toUpperCase(),
    align: rows.every((row) => typeof row[name] === "number") ? "right" : "left",
    text: (row) => inline(row[name]),
  };
}

interface Histogram {
  readonly unit?: unknown;
  readonly buckets: readonly unknown[];
}

/** As the answers about tables and sums have them: `{unit, buckets: [{from, to, count}]}`. */
function isHistogram(value: unknown): value is Histogram {
  return isFields(value) && Array.isArray(value.buckets) && value.buckets.every((bucket) => {
    return isFields(bucket) && typeof bucket.from === "number" && typeof bucket.count === "number";
  });
}

/** Named by the texts of its row and its process: `latency_ns of read, cat, pid 7`. */
function pictureOf(row: Fields, name: string, columns: number): string {
  const value = row[name];
  if (!isHistogram(value) || value.buckets.length === 0) return "";
  const buckets = value.buckets.filter(isFields).map(({ from, to, count }) => ({
    from: Number(from),
    to: typeof to === "number" ? to : Infinity,
    count: Number(count),
  }));
  const texts = Object.values(row).filter((one) => typeof one === "string").map(visibleLine);
  if (typeof row.pid === "number" && row.pid > 0) texts.push(`pid ${row.pid}`);
  const unit = units.find((one) => one === value.unit) ?? "count";
  const title = [visibleLine(name), ...texts.length > 0 ? [`of ${texts.join(", ")}`] : []];
  return `${title.join(" ")}\n${histogramText(buckets, unit, columns)}`;
}

function inline(value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "string") return visibleLine(value);
  return visibleLine(toJson(value));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
