// What the `pattern` of a list means: part of a name, a glob, or a regular expression.
import { validationError } from "../errors.ts";
import { Automaton } from "./pattern/automaton.ts";
import { parseGlob } from "./pattern/glob.ts";
import { PatternError } from "./pattern/node.ts";
import { parseRegularExpression } from "./pattern/regular_expression.ts";

/** For `describe` of an argument: what a caller may write. */
export const listPatternText =
  "Part of a name (^ and $ anchor), a glob of the whole name, or a /regular expression/i";

/** Where a pattern comes from, and what it is compared with. */
export interface PatternUse {
  /** Of the tool, for errors; `pattern` by default. */
  readonly argument?: string;
  /** With paths, `/sys/fs` is part of a name; with words, by default, a mistake. */
  readonly names?: "words" | "paths";
}

/**
 * Whether a name matches, in time linear in its length, whatever the pattern:
 *
 * - `/…/` or `/…/i` is a regular expression, found anywhere unless `^` and `$` anchor it;
 * - with `*`, `?` or `[…]` it is a glob that means the whole name, `[!…]` negates;
 * - else it is part of the name; `^` before it means the name's start, `$` after it its end.
 *
 * Capitals count. A matcher throws validation/invalid_arguments, too, when an expression takes
 * more work than a request may cost.
 *
 * @throws validation/invalid_arguments naming what is wrong in the pattern
 */
export function listPattern(
  text: string,
  { argument = "pattern", names = "words" }: PatternUse = {},
): (name: string) => boolean {
  const mistake = slashMistake(text, names);
  if (mistake !== null) throw refused(text, mistake, argument);
  const expression = betweenSlashes(text);
  if (expression === null && !/[*?[]/.test(text)) return anchored(text);
  const automaton = explained(text, argument, () =>
    new Automaton(
      expression === null
        ? parseGlob(text)
        : parseRegularExpression(expression.source, expression.letters),
    ));
  return (name) => {
    const found = automaton.matches(name);
    if (found !== null) return found;
    throw refused(text, "it takes too many steps on these names; simplify it", argument);
  };
}

/**
 * What is in every name that matches, so that others need not be looked at; "" when that cannot be
 * told.
 */
export function patternPart(text: string): string {
  if (betweenSlashes(text) !== null || /[[\\]/.test(text)) return "";
  const runs = text.replace(/^\^/, "").replace(/\$$/, "").split(/[*?]/);
  return runs.reduce((longest, run) => run.length > longest.length ? run : longest, "");
}

/** A pattern without what is not part of a name: for "did you mean" when nothing matches. */
export function patternWords(text: string): string {
  return (betweenSlashes(text)?.source ?? text).replaceAll(/[^\w.:-]+|^\.+|\.+$/g, "");
}

/** The expression between slashes; null for what only looks like a path. */
function betweenSlashes(text: string): { source: string; letters: "exact" | "any case" } | null {
  if (!text.startsWith("/") || text.length < 3) return null;
  if (text.endsWith("/")) return { source: text.slice(1, -1), letters: "exact" };
  if (text.length > 3 && text.endsWith("/i")) {
    return { source: text.slice(1, -2), letters: "any case" };
  }
  return null;
}

/** What is wrong with slashes that are to hold an expression, and do not. */
function slashMistake(text: string, names: "words" | "paths"): string | null {
  if (!text.startsWith("/") || betweenSlashes(text) !== null) return null;
  const last = text.lastIndexOf("/");
  const source = text.slice(1, last);
  const flags = text.slice(last + 1);
  if (names === "paths") {
    const isFlagged = /^[dgimsuvy]+$/.test(flags) && /[$()|+]|\.\*/.test(source);
    if (!isFlagged && !text.startsWith("/^")) return null;
  }
  if (last === 0) return 'the "/" before the regular expression is not closed by another';
  if (last === 1) return "there is nothing between its slashes";
  return `"${flags.slice(0, 20)}" after the last "/" is not taken, only "i" is`;
}

function anchored(text: string): (name: string) => boolean {
  const atStart = text.startsWith("^");
  const atEnd = text.endsWith("$");
  const part = text.slice(atStart ? 1 : 0, atEnd ? -1 : undefined);
  if (atStart && atEnd) return (name) => name === part;
  if (atStart) return (name) => name.startsWith(part);
  if (atEnd) return (name) => name.endsWith(part);
  return (name) => name.includes(part);
}

function explained<T>(text: string, argument: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof PatternError) throw refused(text, error.message, argument);
    throw error;
  }
}

function refused(text: string, reason: string, argument: string): Error {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return validationError("invalid_arguments", `Cannot use the pattern "${shown}": ${reason}`, {
    arguments: [argument],
    hint: listPatternText,
  });
}
