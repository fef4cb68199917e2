// A structured answer as text for a person: scalars as lines, lists of objects as tables.
import { toJson } from "./json.ts";
import { type Column, table, visible, visibleLine } from "./text.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The answer in reading order; the text is safe for a terminal and ends without a newline. */
export function renderAnswer(answer: Fields): string {
  const scalars: string[] = [];
  const blocks: string[] = [];
  for (const [name, value] of Object.entries(answer)) {
    const block = renderBlock(value);
    if (block === null) scalars.push(`${visibleLine(name)}: ${inline(value)}`);
    else blocks.push(`${visibleLine(name)}:\n${block}`);
  }
  return [scalars.join("\n"), ...blocks].filter((part) => part !== "").join("\n\n");
}

/** What deserves lines of its own: a non-empty list of objects, an object, a long text. */
function renderBlock(value: unknown): string | null {
  if (typeof value === "string" && value.includes("\n")) return visible(value.trimEnd());
  if (Array.isArray(value)) return value.length > 0 ? renderList(value) : null;
  if (isFields(value) && Object.keys(value).length > 0) {
    return Object.entries(value)
      .map(([name, member]) => `  ${visibleLine(name)}: ${inline(member)}`).join("\n");
  }
  return null;
}

function renderList(values: readonly unknown[]): string | null {
  const rows = values.filter(isFields);
  if (rows.length !== values.length) return null;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name): Column<Fields> => ({
    title: visibleLine(name).toUpperCase(),
    align: rows.every((row) => typeof row[name] === "number") ? "right" : "left",
    text: (row) => inline(row[name]),
  }));
  return table(rows, columns);
}

function inline(value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "string") return visibleLine(value);
  return visibleLine(toJson(value));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
