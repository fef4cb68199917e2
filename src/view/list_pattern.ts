// What the `pattern` of a list means: part of a name, a glob, or a regular expression.
import { validationError } from "../errors.ts";
import { Automaton } from "./pattern/automaton.ts";
import { parseGlob } from "./pattern/glob.ts";
import { PatternError } from "./pattern/node.ts";
import { parseRegularExpression } from "./pattern/regular_expression.ts";

/** Longer patterns are refused: nobody types them, and the cost of compiling grows with them. */
const MAX_LENGTH = 512;

/** For `describe` of an argument: what a caller may write. */
export const listPatternText =
  "Part of a name (^ and $ anchor it), a glob of the whole name with * ? [a-z], or a " +
  "/regular expression/ (/…/i: any case)";

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
export function listPattern(text: string): (name: string) => boolean {
  const expression = betweenSlashes(text);
  if (expression === null && !/[*?[]/.test(text)) return anchored(text);
  const automaton = explained(text, () => {
    if (text.length > MAX_LENGTH) {
      throw new PatternError(`it has ${text.length} characters, at most ${MAX_LENGTH} are taken`);
    }
    return new Automaton(
      expression === null
        ? parseGlob(text)
        : parseRegularExpression(expression.source, expression.letters),
    );
  });
  return (name) => {
    const found = automaton.matches(name);
    if (found === null) throw refused(text, "it takes too many steps on these names; simplify it");
    return found;
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

function anchored(text: string): (name: string) => boolean {
  const atStart = text.startsWith("^");
  const atEnd = text.endsWith("$");
  const part = text.slice(atStart ? 1 : 0, atEnd ? -1 : undefined);
  if (atStart && atEnd) return (name) => name === part;
  if (atStart) return (name) => name.startsWith(part);
  if (atEnd) return (name) => name.endsWith(part);
  return (name) => name.includes(part);
}

function explained<T>(text: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof PatternError) throw refused(text, error.message);
    throw error;
  }
}

function refused(text: string, reason: string): Error {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return validationError("invalid_arguments", `Cannot use the pattern "${shown}": ${reason}`, {
    arguments: ["pattern"],
    hint: listPatternText,
  });
}
