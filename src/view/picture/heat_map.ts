// A heat map: one column per span of time, one row per range of values, darker where more fell.
import type { Bucket } from "./histogram.ts";
import { numberText, type Unit } from "./number_text.ts";
import { xmlText } from "./xml.ts";

export interface HeatColumn {
  /** Milliseconds since the start. */
  readonly startMs: number;
  readonly buckets: readonly Bucket[];
}

export interface HeatLabels {
  readonly title: string;
  readonly unit?: Unit;
}

const WIDTH = 900;
const ROW = 16;
const HEAD = 34;
const FOOT = 26;
const LABEL = 150;
/** Past this a cell is thinner than a pixel. */
export const MOST_COLUMNS = 600;

/** The newest columns, where there are more than fit; the same histograms give the same bytes. */
export function heatMap(all: readonly HeatColumn[], labels: HeatLabels): string {
  const columns = all.slice(-MOST_COLUMNS);
  const rows = rangesOf(columns);
  const height = HEAD + rows.length * ROW + FOOT;
  const most = Math.max(1, ...columns.flatMap(({ buckets }) => buckets.map(({ count }) => count)));
  const cell = (WIDTH - LABEL - 8) / Math.max(1, columns.length);
  const cells = columns.flatMap(({ buckets, startMs }, column) => {
    return buckets.filter(({ count }) => count > 0).map((bucket) => {
      const row = rows.length - 1 - rows.findIndex(({ from }) => from === bucket.from);
      const tip = `${rangeText(bucket, labels.unit)} at ${
        numberText(startMs, "ms")
      }: ${bucket.count}`;
      const heat = (Math.log1p(bucket.count) / Math.log1p(most)).toFixed(3);
      return `<rect class="cell" x="${(LABEL + column * cell).toFixed(2)}" y="${
        HEAD + row * ROW
      }" ` +
        `width="${cell.toFixed(2)}" height="${ROW}" fill-opacity="${heat}">` +
        `<title>${xmlText(tip)}</title></rect>`;
    });
  });
  const names = rows.map((range, at) => {
    const y = HEAD + (rows.length - 1 - at) * ROW + 12;
    const text = xmlText(rangeText(range, labels.unit));
    return `<text x="${LABEL - 8}" y="${y}" text-anchor="end">${text}</text>`;
  });
  const [first, last] = [columns.at(0)?.startMs ?? 0, columns.at(-1)?.startMs ?? 0];
  const foot = height - 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="100%" ` +
    'preserveAspectRatio="xMidYMin" role="img">',
    `<title>${xmlText(labels.title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="8" y="20">${xmlText(labels.title)}</text>`,
    ...names,
    ...cells,
    `<text x="${LABEL}" y="${foot}">${numberText(first, "ms")}</text>`,
    `<text x="${WIDTH - 8}" y="${foot}" text-anchor="end">${numberText(last, "ms")}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** Every range that a column has, and those between, smallest first. */
function rangesOf(columns: readonly HeatColumn[]): Bucket[] {
  const ranges = new Map<number, Bucket>();
  for (const { buckets } of columns) {
    for (const bucket of buckets) ranges.set(bucket.from, bucket);
  }
  const sorted = [...ranges.values()].sort((one, other) => one.from - other.from);
  return sorted.flatMap((range, at) => [...between(sorted[at - 1], range), range]);
}

/** Powers of two that nothing fell into. */
function between(before: Bucket | undefined, { from, to }: Bucket): Bucket[] {
  const empty: Bucket[] = [];
  const isPower = from > 0 && (to === 2 * from || to === Infinity);
  let start = before?.to ?? from;
  for (; isPower && start > 0 && start < from && empty.length < 64; start *= 2) {
    empty.push({ from: start, to: 2 * start, count: 0 });
  }
  return empty;
}

function rangeText({ from, to }: Bucket, unit: Unit | undefined): string {
  return `${numberText(from, unit)} – ${numberText(to, unit)}`;
}

const style =
  "text{font:11px ui-monospace,monospace;fill:#1a1a1a}.title{font-weight:bold;font-size:12px}" +
  "svg{background:#fff}.paper{fill:#fff}.cell{fill:#b5251b}" +
  "@media (prefers-color-scheme:dark){svg{background:#16181d}" +
  ".paper{fill:#16181d}text{fill:#e6e6e6}.cell{fill:#ff9d5c}}";
