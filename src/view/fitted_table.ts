// A table in a terminal of some width: what does not fit is cut, said once, or written as lines.
import { type Column, cut, table, visibleLine } from "./text.ts";

/** A column is not made narrower than this. */
const NARROWEST = 12;
const GAP = 2;

/** As `table`, but no line is wider than `width` unless one value is. */
export function fittedTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
): string {
  const whole = table(rows, columns);
  if (widthOf(whole) <= width) return whole;
  const constant = columns.filter((column) => isConstant(rows, column));
  const [row] = rows;
  const shared = row === undefined || constant.length === 0
    ? ""
    : wrapped(constant.map((column) => pair(row, column)), width, "in all rows: ");
  const rest = columns.filter((column) => !constant.includes(column));
  const body = shrunk(rows, rest, width) ??
    rows.map((one) => wrapped(rest.map((column) => pair(one, column)), width, "")).join("\n");
  return [shared, body].filter((part) => part !== "").join("\n");
}

function widthOf(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

function isConstant<Row>(rows: readonly Row[], { text }: Column<Row>): boolean {
  const [first, ...others] = rows.map(text);
  return others.length > 0 && others.every((one) => one === first);
}

/** With the widest columns of text cut; null where that does not help. */
function shrunk<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
): string | null {
  const widths = columns.map((column) => widthOf(table(rows, [column])));
  const room = width - GAP * (columns.length - 1);
  for (let excess = widths.reduce((sum, one) => sum + one, 0) - room; excess > 0; excess--) {
    const widest = widths.reduce((best, one, at) => {
      const isText = columns[at]?.align !== "right";
      return isText && one > (best < 0 ? NARROWEST : widths[best] ?? 0) ? at : best;
    }, -1);
    if (widest < 0) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return table(
    rows,
    columns.map(({ title, align, text }, at) => ({
      title: cut(title, widths[at]),
      ...(align === undefined ? {} : { align }),
      text: (row: Row) => cut(visibleLine(text(row)), widths[at]),
    })),
  );
}

function pair<Row>(row: Row, { title, text }: Column<Row>): string {
  return `${title.toLowerCase()} ${cut(visibleLine(text(row)))}`;
}

/** Parts side by side, as many as fit; further lines are indented. */
function wrapped(parts: readonly string[], width: number, head: string): string {
  const lines: string[] = [];
  let line = head;
  for (const part of parts) {
    const gap = line === head || line === " ".repeat(GAP) ? "" : " ".repeat(GAP);
    if (gap !== "" && line.length + gap.length + part.length > width) {
      lines.push(line);
      line = " ".repeat(GAP) + part;
    } else line += gap + part;
  }
  return [...lines, line].join("\n");
}
