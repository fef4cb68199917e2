// Names out of other programs' files, which they choose.

/** What a terminal, a table or a folded stack would obey rather than show. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
const MAX_NAME = 512;

/** One line without control characters, cut at 512 letters; a semicolon parts folded stacks. */
export function printable(name: string): string {
  const text = name.replaceAll(OBEYED, "?").replaceAll(";", ":");
  return text.length <= MAX_NAME ? text : `${text.slice(0, MAX_NAME - 1)}…`;
}
