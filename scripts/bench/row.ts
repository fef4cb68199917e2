// One line of the benchmark's table.

export interface Row {
  what: string;
  unit: "ns" | "ms" | "MiB" | "bytes" | "M/s";
  measured: number;
  /** The program that did the same in the same run, and what it took. */
  peer?: { name: string; measured: number };
  /** Against the peer, or absolute where there is none; null where nothing is promised. */
  target: { limit: "at most" | "at least"; value: number; of: "ratio" | "value" } | null;
}

/** Measured divided by the peer's; null without a peer. */
export function ratioOf({ measured, peer }: Row): number | null {
  return peer === undefined ? null : measured / peer.measured;
}

export function meetsTarget(row: Row): boolean {
  if (row.target === null) return true;
  const value = row.target.of === "ratio" ? ratioOf(row) ?? NaN : row.measured;
  return row.target.limit === "at most" ? value <= row.target.value : value >= row.target.value;
}

/** The middle of the values: one slow round says nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[
      middle
    ],
  ];
  return (low + high) / 2;
}

const heading = ["what", "measured", "peer", "ratio", "target", ""];
const widths = [44, 14, 30, 7, 12, 5];

/** The table as lines. */
export function tableLines(rows: readonly Row[]): string[] {
  return [heading, ...rows.map(cells)].map((line) =>
    line.map((cell, index) =>
      index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(
        widths[index] ?? 0,
      )
    ).join(" ").trimEnd()
  );
}

function cells(row: Row): string[] {
  const { what, unit, measured, peer, target } = row;
  const ratio = ratioOf(row);
  const sign = target?.limit === "at most" ? "<=" : ">=";
  const wanted = target === null
    ? ""
    : target.of === "ratio"
    ? `${sign} ${target.value}x`
    : `${sign} ${format(target.value, unit)}`;
  return [
    what,
    format(measured, unit),
    peer === undefined ? "" : `${peer.name} ${format(peer.measured, unit)}`,
    ratio === null ? "" : `${ratio.toFixed(2)}x`,
    wanted,
    target === null ? "" : meetsTarget(row) ? "ok" : "short",
  ];
}

function format(value: number, unit: Row["unit"]): string {
  return `${unit === "bytes" ? value : value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
}
