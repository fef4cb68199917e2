// A pattern's tree as a graph of places that a match passes (Thompson's construction).
import type { CharacterSet } from "./character_set.ts";
import { PatternError, type PatternNode } from "./node.ts";

/** Places; counted repetitions take one per count and character. */
const MAX_PLACES = 2000;
/** Parts looked at: repetitions of nothing take no place, but time. */
const MAX_PARTS = 20_000;

/** `split` goes on at both places; the others at `first`, once their condition holds. */
export type PlaceKind = "set" | "split" | "start" | "end" | "match";

export class NodeGraph {
  readonly kinds: PlaceKind[] = [];
  /** Where a place leads. */
  readonly first: number[] = [];
  /** Where a split leads too; of a set, its index in `sets`. */
  readonly second: number[] = [];
  readonly sets: CharacterSet[] = [];
  readonly #setIndexes = new Map<CharacterSet, number>();
  readonly match: number;
  readonly entry: number;
  /** True when a match can begin only where the name does. */
  readonly isAnchored: boolean;
  #parts = 0;

  /** @throws PatternError when it takes too many places */
  constructor(root: PatternNode) {
    this.match = this.#place("match", 0, 0);
    this.entry = this.#compile(root, this.match);
    this.isAnchored = beginsAtStart(root);
  }

  get size(): number {
    return this.kinds.length;
  }

  /** Where a match of `node` begins that goes on at `next`. */
  #compile(node: PatternNode, next: number): number {
    if (++this.#parts > MAX_PARTS) throw tooLarge();
    switch (node.kind) {
      case "set":
        return this.#place("set", next, this.#setIndex(node.set));
      case "start":
      case "end":
        return this.#place(node.kind, next, 0);
      case "sequence":
        return node.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case "choice":
        return node.options.map((option) => this.#compile(option, next))
          .reduceRight((others, option) => this.#place("split", option, others));
      case "repeat":
        return this.#repeat(node.body, node.min, node.max, next);
    }
  }

  #repeat(body: PatternNode, min: number, max: number, next: number): number {
    let entry = next;
    if (max === Infinity) {
      entry = this.#place("split", 0, next);
      this.first[entry] = this.#compile(body, entry);
    } else {
      for (let optional = min; optional < max; optional++) {
        entry = this.#place("split", this.#compile(body, entry), next);
      }
    }
    for (let wanted = 0; wanted < min; wanted++) entry = this.#compile(body, entry);
    return entry;
  }

  /** Copies of a repeated part share their set. */
  #setIndex(set: CharacterSet): number {
    const known = this.#setIndexes.get(set);
    if (known !== undefined) return known;
    const index = this.sets.push(set) - 1;
    this.#setIndexes.set(set, index);
    return index;
  }

  #place(kind: PlaceKind, first: number, second: number): number {
    if (this.kinds.length >= MAX_PLACES) throw tooLarge();
    this.first.push(first);
    this.second.push(second);
    return this.kinds.push(kind) - 1;
  }
}

function beginsAtStart(node: PatternNode): boolean {
  switch (node.kind) {
    case "start":
      return true;
    case "sequence": {
      const [head] = node.parts;
      return head !== undefined && beginsAtStart(head);
    }
    case "choice":
      return node.options.every(beginsAtStart);
    case "repeat":
      return node.min > 0 && beginsAtStart(node.body);
    default:
      return false;
  }
}

function tooLarge(): PatternError {
  return new PatternError("it is too large: its counted repetitions take too many places");
}
