// Names to types without a JavaScript string per type: hash tables over the string bytes.
import { type Kind, KindNumber, KINDS } from "./kind.ts";
import { hashName, type Strings } from "./strings.ts";

/** Half of a kernel's types are functions: who asks for one half does not wait for the other. */
type Half = "functions" | "others";

/** Where types of a name are; each half is indexed when it is first asked for. */
export class NameIndexes {
  readonly #words: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #strings: Strings;
  readonly #made = new Map<Half, NameIndex>();

  /** Of the types that begin at `starts`; the first word of each is its name. */
  constructor(words: Uint32Array, starts: Uint32Array, strings: Strings) {
    this.#words = words;
    this.#starts = starts;
    this.#strings = strings;
  }

  /** Positions in `starts` of the types called `wanted` (bytes that end in NUL), in order. */
  find(wanted: Uint8Array, kinds: readonly Kind[]): number[] {
    const found: number[] = [];
    for (const half of halvesOf(kinds)) {
      for (const position of this.#indexOf(half).candidates(wanted)) {
        const start = this.#starts[position];
        const kind = KINDS[(this.#words[start + 1] >>> 24) & 0x1f];
        if (kinds.length > 0 && !kinds.includes(kind)) continue;
        if (this.#strings.equals(this.#words[start], wanted)) found.push(position);
      }
    }
    return found.sort((a, b) => a - b);
  }

  #indexOf(half: Half): NameIndex {
    let index = this.#made.get(half);
    if (index === undefined) {
      index = new NameIndex(this.#words, this.#starts, this.#strings, half);
      this.#made.set(half, index);
    }
    return index;
  }
}

function halvesOf(kinds: readonly Kind[]): Half[] {
  if (kinds.length === 0) return ["functions", "others"];
  const functions = kinds.includes("func");
  if (!functions) return ["others"];
  return kinds.every((kind) => kind === "func") ? ["functions"] : ["functions", "others"];
}

class NameIndex {
  readonly #heads: Uint32Array;
  readonly #next: Uint32Array;
  readonly #mask: number;

  constructor(words: Uint32Array, starts: Uint32Array, strings: Strings, half: Half) {
    let size = 1;
    while (size < starts.length / 2) size <<= 1;
    const heads = new Uint32Array(size);
    const next = new Uint32Array(starts.length + 1);
    const mask = size - 1;
    const wantsFunctions = half === "functions";
    // Backwards, so that a chain gives the types in their order.
    for (let index = starts.length; index > 0; index--) {
      const start = starts[index - 1];
      const isFunction = ((words[start + 1] >>> 24) & 0x1f) === KindNumber.func;
      const name = words[start];
      if (isFunction !== wantsFunctions || name === 0) continue;
      const slot = strings.hash(name) & mask;
      next[index] = heads[slot];
      heads[slot] = index;
    }
    this.#heads = heads;
    this.#next = next;
    this.#mask = mask;
  }

  /** Positions in `starts` of the types that may be called `wanted` (bytes that end in NUL). */
  *candidates(wanted: Uint8Array): Generator<number> {
    const slot = hashName(wanted, 0) & this.#mask;
    for (let index = this.#heads[slot]; index !== 0; index = this.#next[index]) yield index - 1;
  }
}
