// C text in pages of whole lines.
import { encodeCursor, jsonBytes, type PageRequest } from "../../view/page.ts";
import { indexIn } from "./type_page.ts";

export interface TextPage {
  readonly text: string;
  /** Lines in all. */
  readonly total: number;
  readonly truncated: boolean;
  readonly next_cursor: string | null;
}

/** The lines from the cursor on that fit, at least one. */
export function pageLines(
  list: string,
  text: string,
  { byteBudget, cursor }: Pick<PageRequest, "byteBudget" | "cursor">,
): TextPage {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  const start = indexIn(list, cursor);
  let room = byteBudget;
  let end = start;
  for (; end < lines.length; end++) {
    room -= jsonBytes(lines[end]) - 1; // quotes and a comma there, an escaped newline here
    if (room < 0 && end > start) break;
  }
  return {
    text: lines.slice(start, end).map((line) => `${line}\n`).join(""),
    total: lines.length,
    truncated: end < lines.length,
    next_cursor: end < lines.length ? encodeCursor(list, end) : null,
  };
}
