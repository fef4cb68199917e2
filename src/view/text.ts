// Values to text for a terminal. Whatever came from the kernel or a process is hostile here.

/**
 * What a terminal would obey rather than show: C0 without tab and newline, DEL, C1, the marks that
 * turn the writing direction, line and paragraph separators, and the byte order mark.
 */
const dangerous = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** The text with everything dangerous as a visible escape; tabs and newlines stay. */
export function visible(text: string): string {
  return text.replaceAll(dangerous, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u{${code.toString(16).padStart(4, "0")}}`;
  });
}

/** The same for one cell or line: tabs and newlines become escapes too. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\t", "\\t").replaceAll("\n", "\\n");
}

/** What JSON.stringify leaves raw although a terminal obeys it. */
const rawInJson = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** JSON text that means the same and holds nothing that a terminal would obey. */
export function terminalSafeJson(json: string): string {
  return json.replaceAll(
    rawInJson,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export interface Column<Row> {
  readonly title: string;
  readonly align?: "left" | "right";
  text(row: Row): string;
}

const widestCell = 60;

/** A table with a header line; cells are made safe and cut at 60 characters. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => cut(visibleLine(column.text(row)))));
  const lines = [columns.map((column) => column.title), ...cells];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
  return lines.map((line) =>
    line.map((cell, i) => {
      const width = widths[i] ?? 0;
      return columns[i]?.align === "right" ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd()
  ).join("\n");
}

/** The beginning of a text that is too long for its cell. */
export function cut(text: string, width = widestCell): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** One line of progress: `12/40 reading map "counts"`. */
export function progressLine(message: string, done?: number, total?: number): string {
  const text = visibleLine(message);
  if (done === undefined) return text;
  return total === undefined ? `${done} ${text}` : `${done}/${total} ${text}`;
}
