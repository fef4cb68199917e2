// A histogram as bars: lines for a terminal, or SVG.
import { numberText, type Unit } from "./number_text.ts";
import { xmlText } from "./xml.ts";

/** Values from `from` on and below `to`. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Letters of the widest bar where the terminal has room. */
const widestBar = 50;
const narrowestBar = 10;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** One line per bucket: its range, its count, and a bar; no line is wider than `columns`. */
export function histogramText(
  buckets: readonly Bucket[],
  unit: Unit = "count",
  columns = 80,
): string {
  const rows = buckets.map(({ from, to, count }) => {
    return [`${numberText(from, unit)} – ${numberText(to, unit)}`, String(count)] as const;
  });
  const [range, count] = [0, 1].map((at) => Math.max(0, ...rows.map((row) => row[at].length)));
  const room = columns - range - count - 3;
  const bar = Math.min(widestBar, Math.max(narrowestBar, room));
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  return buckets.map((bucket, at) => {
    const [rangeText, countText] = rows[at] ?? ["", ""];
    const drawn = barText(bucket.count / most * bar);
    return `${rangeText.padStart(range)} ${countText.padStart(count)} ${drawn}`.trimEnd();
  }).join("\n");
}

function barText(letters: number): string {
  const whole = Math.floor(letters);
  const rest = eighths[Math.floor((letters - whole) * 8)] ?? "";
  const drawn = "█".repeat(whole) + rest;
  return drawn === "" && letters > 0 ? "▏" : drawn;
}

export interface HistogramLabels {
  readonly title: string;
  readonly unit?: Unit;
}

const WIDTH = 640;
const ROW = 20;
const HEAD = 34;
const LABEL = 170;
const COUNT = 80;

/** The same histogram gives the same bytes. */
export function histogramSvg(buckets: readonly Bucket[], labels: HistogramLabels): string {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const height = HEAD + buckets.length * ROW + 8;
  const rows = buckets.map(({ from, to, count }, at) => {
    const y = HEAD + at * ROW;
    const range = `${numberText(from, labels.unit)} – ${numberText(to, labels.unit)}`;
    const width = Number((count / most * (WIDTH - LABEL - COUNT)).toFixed(2));
    return `<text x="${LABEL - 8}" y="${y + 14}" text-anchor="end">${xmlText(range)}</text>` +
      `<rect class="bar" x="${LABEL}" y="${y + 2}" width="${width}" height="${ROW - 4}"/>` +
      `<text x="${LABEL + width + 6}" y="${y + 14}">${count}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="100%" ` +
    'preserveAspectRatio="xMidYMin" role="img">',
    `<title>${xmlText(labels.title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="8" y="20">${xmlText(labels.title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

const style = "text{font:12px ui-monospace,monospace;fill:#1a1a1a}.title{font-weight:bold}" +
  "svg{background:#fff}.paper{fill:#fff}.bar{fill:#3b7dd8}" +
  "@media (prefers-color-scheme:dark){svg{background:#16181d}" +
  ".paper{fill:#16181d}text{fill:#e6e6e6}.bar{fill:#6aa5f5}}";
