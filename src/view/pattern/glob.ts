// Globs: `*` any characters, `?` any one, `[a-z]` one of these, `[!a-z]` one of the others.
import {
  type CharacterSet,
  everything,
  opposite,
  posixClassAt,
  type UnitRange,
} from "./character_set.ts";
import { PatternError, type PatternNode } from "./node.ts";

const any: PatternNode = { kind: "set", set: everything };

/** The tree of a glob, which means a whole name; `^` first and `$` last say nothing new. */
export function parseGlob(glob: string): PatternNode {
  const text = glob.replace(/^\^/, "").replace(/(?<!\\)\$$/, "");
  const parts: PatternNode[] = [{ kind: "start" }];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "*") {
      parts.push({ kind: "repeat", body: any, min: 0, max: Infinity });
    } else if (character === "?") {
      parts.push(any);
    } else if (character === "[") {
      const { set, end } = parseClass(text, at);
      parts.push({ kind: "set", set });
      at = end;
    } else {
      if (character === "\\" && at + 1 < text.length) at++;
      parts.push({ kind: "set", set: [single(text, at)] });
    }
  }
  parts.push({ kind: "end" });
  return { kind: "sequence", parts };
}

/** The set that starts with the `[` at `start`, and where its `]` is. */
function parseClass(text: string, start: number): { set: CharacterSet; end: number } {
  const isNegated = text[start + 1] === "!" || text[start + 1] === "^";
  const first = start + (isNegated ? 2 : 1);
  const end = text.indexOf("]", first + 1); // a `]` in the first place stands for itself
  if (end === -1) throw new PatternError(`the "[" at character ${start + 1} is not closed`);
  const ranges: UnitRange[] = [];
  for (let at = start; at < end; at++) {
    const name = posixClassAt(text, at);
    if (name !== null) throw new PatternError(`"${name}" is not taken, write a range such as a-z`);
    if (at < first) continue;
    if (text[at + 1] !== "-" || at + 2 >= end) {
      ranges.push(single(text, at));
      continue;
    }
    const range: UnitRange = [text.charCodeAt(at), text.charCodeAt(at + 2)];
    if (range[0] > range[1]) {
      throw new PatternError(`the range "${text.slice(at, at + 3)}" goes backwards`);
    }
    ranges.push(range);
    at += 2;
  }
  return { set: isNegated ? opposite(ranges) : ranges, end };
}

function single(text: string, at: number): UnitRange {
  const unit = text.charCodeAt(at);
  return [unit, unit];
}
