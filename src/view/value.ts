// A structured answer as text for a person: scalars as lines, lists of objects as tables.
import { fittedTable } from "./fitted_table.ts";
import { toJson } from "./json.ts";
import { type Bucket, histogramText } from "./picture/histogram.ts";
import { unitOfName, units } from "./picture/number_text.ts";
import { sparkline } from "./picture/sparkline.ts";
import { sumBuckets } from "./picture/sum_buckets.ts";
import { type Column, visible, visibleLine } from "./text.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The answer in reading order; the text is safe for a terminal and ends without a newline.
 * @param columns of the terminal: tables and histograms keep to them
 */
export function renderAnswer(answer: Fields, columns = 80): string {
  return partsOf("", answer, columns).join("\n\n");
}

/** What is short, as lines; what deserves lines of its own, below. */
function partsOf(path: string, fields: Fields, columns: number): string[] {
  const scalars: string[] = [];
  const blocks: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const whole = `${path}${visibleLine(name)}`;
    const block = blocksOf(whole, value, columns);
    if (block === null) {
      scalars.push(`${path === "" ? "" : "  "}${visibleLine(name)}: ${inline(value)}`);
    } else blocks.push(...block);
  }
  const head = path === "" || scalars.length === 0 ? [] : [`${path.slice(0, -1)}:`];
  return [[...head, ...scalars].join("\n"), ...blocks].filter((part) => part !== "");
}

/** A non-empty list of objects, an object, a long text; null for what a line has room for. */
function blocksOf(path: string, value: unknown, columns: number): string[] | null {
  if (typeof value === "string" && value.includes("\n")) {
    return [`${path}:\n${visible(value.trimEnd())}`];
  }
  if (Array.isArray(value)) {
    const list = value.length > 0 ? renderList(value, columns) : null;
    return list === null ? null : [`${path}:\n${list}`];
  }
  if (!isFields(value) || Object.keys(value).length === 0) return null;
  return partsOf(`${path}.`, value, columns);
}

/** A table of what fits into cells; below it the histograms of each row, which do not. */
function renderList(values: readonly unknown[], columns: number): string | null {
  const rows = values.filter(isFields);
  if (rows.length !== values.length) return null;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const drawn = names.filter((name) => rows.some((row) => bucketsOf(row[name]) !== null));
  const cells = names.filter((name) => !drawn.includes(name));
  const text = fittedTable(rows, cells.map((name) => columnOf(rows, name)), columns);
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

/**
 * Ranges as the answers about tables have them, `{unit, buckets: [{from, to, count}]}`, or those
 * about sums; null for what is no histogram.
 */
function bucketsOf(value: unknown): Bucket[] | null {
  if (!isFields(value) || !Array.isArray(value.buckets)) return null;
  const ranges = value.buckets.filter(isFields).flatMap(({ from, to, count }) => {
    if (typeof from !== "number" || typeof count !== "number") return [];
    return [{ from, to: typeof to === "number" ? to : Infinity, count }];
  });
  return ranges.length === value.buckets.length ? ranges : sumBuckets(value);
}

/** Named by the texts of its row and its process: `latency_ns of read, cat, pid 7`. */
function pictureOf(row: Fields, name: string, columns: number): string {
  const buckets = bucketsOf(row[name]) ?? [];
  if (buckets.length === 0) return "";
  const texts = Object.values(row).filter((one) => typeof one === "string").map(visibleLine);
  if (typeof row.pid === "number" && row.pid > 0) texts.push(`pid ${row.pid}`);
  const named = isFields(row[name]) ? row[name].unit : undefined;
  const unit = units.find((one) => one === named) ?? unitOfName(name);
  const title = [visibleLine(name), ...texts.length > 0 ? [`of ${texts.join(", ")}`] : []];
  return `${title.join(" ")}\n${histogramText(buckets, unit, columns)}`;
}

function inline(value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "string") return visibleLine(value);
  if (isFields(value) && Array.isArray(value.counts)) return rateText(value, value.counts);
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string")) {
    return visibleLine(value.join(", "));
  }
  return visibleLine(toJson(value));
}

/** How many there were in each interval, the newest last: `▂█ 12 in 500 ms at most`. */
function rateText({ interval_ms }: Fields, counts: readonly unknown[]): string {
  const numbers = counts.map(Number);
  const most = Math.max(0, ...numbers);
  return `${sparkline(numbers)} ${most} in ${Number(interval_ms)} ms at most`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
