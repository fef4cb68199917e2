// Names to types without a JavaScript string per type: a hash table over the string bytes.
import { hashName, type Strings } from "./strings.ts";

export class NameIndex {
  readonly #heads: Uint32Array;
  readonly #next: Uint32Array;
  readonly #mask: number;

  /** Indexes the types that begin at `starts`; the first word of each is its name. */
  constructor(words: Uint32Array, starts: Uint32Array, strings: Strings) {
    let size = 1;
    while (size < starts.length) size <<= 1;
    const heads = new Uint32Array(size);
    const next = new Uint32Array(starts.length + 1);
    const mask = size - 1;
    // Backwards, so that a chain gives the types in their order.
    for (let index = starts.length; index > 0; index--) {
      const name = words[starts[index - 1]];
      if (name === 0) continue;
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
