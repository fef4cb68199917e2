// A table in a terminal of some width: what does not fit is cut, said once, or written as lines.
import { type Column, cut, table, visibleLine } from "./text.ts";

/** A column of text is not made narrower than this: what is left of it would tell nothing. */
const NARROWEST = 24;
const GAP = 2;

/** As `table`, but no line is wider than `width`, a head or a number that is wider left aside. */
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
  return `${title.toLowerCase()} ${visibleLine(text(row))}`;
}

/** Parts side by side, as much as fits; further lines are indented, too long words broken. */
function wrapped(parts: readonly string[], width: number, head: string): string {
  const most = Math.max(1, width - GAP);
  const lines: string[] = [];
  let line = head;
  const add = (word: string, gap: string) => {
    if (line.trim() === "" || line === head) line += word;
    else if (line.length + gap.length + word.length <= width) line += gap + word;
    else {
      lines.push(line);
      line = " ".repeat(GAP) + word;
    }
  };
  for (const part of parts) {
    part.split(" ").forEach((word, at) => {
      for (let start = 0; start === 0 || start < word.length; start += most) {
        add(word.slice(start, start + most), at === 0 ? " ".repeat(GAP) : " ");
      }
    });
  }
  return [...lines, line].join("\n");
}
