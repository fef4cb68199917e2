// Hostile text inside of an XML document.
import { visibleLine } from "../text.ts";

/** Not a character of XML 1.0, and lone halves of a surrogate pair. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that shows itself in an element or in a quoted attribute, and is nothing else. */
export function xmlText(text: string): string {
  return visibleLine(text).replaceAll(forbidden, "\ufffd")
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
