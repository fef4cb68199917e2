// Regular expressions as JavaScript writes them, without what cannot be matched in linear time.
import {
  type CharacterSet,
  digits,
  inAnyCase,
  lineEnds,
  opposite,
  posixClassAt,
  spaces,
  wordCharacters,
} from "./character_set.ts";
import { PatternError, type PatternNode } from "./node.ts";

/** A higher count in braces is refused. */
const MAX_COUNT = 1000;
/** Deeper nesting is refused. */
const MAX_DEPTH = 64;

const QUANTIFIER = /([*+?]|\{(\d+)(,(\d*))?\})\??/y;
const CONTROL: ReadonlyMap<string, number> = new Map([
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ["0", 0],
]);
const CLASSES: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", digits],
  ["D", opposite(digits)],
  ["w", wordCharacters],
  ["W", opposite(wordCharacters)],
  ["s", spaces],
  ["S", opposite(spaces)],
]);

/**
 * The tree of an expression.
 * @throws PatternError naming the place
 */
export function parseRegularExpression(
  source: string,
  letters: "exact" | "any case",
): PatternNode {
  return new Parser(source, letters).whole();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(readonly source: string, readonly letters: "exact" | "any case") {}

  whole(): PatternNode {
    const node = this.#choice();
    if (this.#at < this.source.length) throw this.#wrong(`")" closes nothing`);
    return node;
  }

  #choice(): PatternNode {
    if (++this.#depth > MAX_DEPTH) throw this.#wrong(`groups are nested over ${MAX_DEPTH} deep`);
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    this.#depth--;
    return { kind: "choice", options };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (;;) {
      const next = this.source[this.#at];
      if (next === undefined || next === "|" || next === ")") return { kind: "sequence", parts };
      parts.push(this.#repeated());
    }
  }

  #repeated(): PatternNode {
    const start = this.#at;
    const body = this.#atom();
    const bounds = this.#quantifier();
    if (bounds === null) return body;
    if (body.kind === "start" || body.kind === "end") {
      throw this.#wrong(`"${this.source[start]}" cannot be repeated`);
    }
    if (this.#quantifier() !== null) throw this.#wrong("a repetition is repeated, group it");
    return { kind: "repeat", body, ...bounds };
  }

  #quantifier(): { min: number; max: number } | null {
    QUANTIFIER.lastIndex = this.#at;
    const [all, kind, least, comma, most] = QUANTIFIER.exec(this.source) ?? [];
    if (all === undefined) return null;
    this.#at += all.length;
    if (least === undefined) return { min: kind === "+" ? 1 : 0, max: kind === "?" ? 1 : Infinity };
    const min = Number(least);
    const max = comma === undefined ? min : most === "" ? Infinity : Number(most);
    if (min > max) throw this.#wrong(`"${kind}" wants more than it allows`);
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Infinity)) {
      throw this.#wrong(`"${kind}" counts further than ${MAX_COUNT}`);
    }
    return { min, max };
  }

  #atom(): PatternNode {
    const character = this.source[this.#at++];
    switch (character) {
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case ".":
        return { kind: "set", set: opposite(lineEnds) };
      case "(":
        return this.#group();
      case "[":
        return { kind: "set", set: this.#characterClass() };
      case "*":
      case "+":
      case "?":
        this.#at--;
        throw this.#wrong(`there is nothing that "${character}" could repeat`);
      case "{":
        this.#at--;
        throw this.#wrong(`"{" starts no count here, write "\\{" for the character`);
      default:
        this.#at--;
        return { kind: "set", set: this.#folded(this.#unitOrClass()) };
    }
  }

  #group(): PatternNode {
    const start = this.#at;
    if (this.#take("?") && !this.#take(":")) {
      throw this.#wrong("look-around and named groups are not taken, write (…) or (?:…)");
    }
    const node = this.#choice();
    if (!this.#take(")")) throw new PatternError(`the "(" at character ${start} is not closed`);
    return node;
  }

  /** What follows `[`. */
  #characterClass(): CharacterSet {
    const start = this.#at;
    this.#refusePosixClass(start - 1);
    const isNegated = this.#take("^");
    const ranges: CharacterSet[] = [];
    while (!this.#take("]")) {
      if (this.#at >= this.source.length) {
        throw new PatternError(`the "[" at character ${start} is not closed`);
      }
      this.#refusePosixClass(this.#at);
      const low = this.#unitOrClass();
      const next = this.source[this.#at + 1];
      if (this.source[this.#at] !== "-" || next === "]" || next === undefined) {
        ranges.push(low);
        continue;
      }
      this.#at++;
      ranges.push([this.#range(low, this.#unitOrClass())]);
    }
    const set = this.#folded(ranges.flat());
    return isNegated ? opposite(set) : set;
  }

  #refusePosixClass(at: number): void {
    const name = posixClassAt(this.source, at);
    if (name === null) return;
    throw this.#wrong(`"${name}" is not taken, write \\w, \\d, \\s or a range such as a-z`);
  }

  #range(low: CharacterSet, high: CharacterSet): readonly [number, number] {
    const [[first, lastOfLow] = [1, 0]] = low;
    const [[firstOfHigh, last] = [1, 0]] = high;
    const single = low.length === 1 && high.length === 1 && first === lastOfLow &&
      firstOfHigh === last;
    if (!single) throw this.#wrong("a range needs one character at both ends");
    if (first > last) throw this.#wrong("a range goes backwards");
    return [first, last];
  }

  /** One character, an escaped one, or a class such as `\d`. */
  #unitOrClass(): CharacterSet {
    const start = this.#at++;
    if (this.source[start] !== "\\") return only(this.source.charCodeAt(start));
    const escaped = this.source[this.#at++];
    if (escaped === undefined) throw this.#wrong(`it ends in "\\"`);
    const set = CLASSES.get(escaped);
    if (set !== undefined) return set;
    const control = CONTROL.get(escaped);
    if (control !== undefined) return only(control);
    if (escaped === "x") return only(this.#hexadecimal(2));
    if (escaped === "u") return only(this.#hexadecimal(4));
    if (/[A-Za-z0-9]/.test(escaped)) {
      throw this.#wrong(`"\\${escaped}" is not taken (nor are boundaries and back references)`);
    }
    return only(escaped.charCodeAt(0));
  }

  #hexadecimal(length: number): number {
    const text = this.source.slice(this.#at, this.#at + length);
    if (text.length < length || !/^[\dA-Fa-f]+$/.test(text)) {
      throw this.#wrong(`${length} hexadecimal digits are wanted`);
    }
    this.#at += length;
    return Number.parseInt(text, 16);
  }

  #folded(set: CharacterSet): CharacterSet {
    return this.letters === "any case" ? inAnyCase(set) : set;
  }

  #take(character: string): boolean {
    if (this.source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #wrong(reason: string): PatternError {
    return new PatternError(`${reason} (at character ${this.#at + 1} of the expression)`);
  }
}

function only(unit: number): CharacterSet {
  return [[unit, unit]];
}
