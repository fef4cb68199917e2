// Which of many names are equal, by a table of their hashes.

export class EqualNames {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #hashes: Uint32Array;
  /** The first name that equals the i-th. */
  readonly #firsts: Uint32Array;
  /** Of a first name, how many equal it. */
  readonly #occurrences: Uint32Array;
  /** By hash: the number of a first name, plus one. */
  readonly #slots: Uint32Array;

  /** @param starts where each name begins in `bytes`, and the end; a byte parts it from the next */
  constructor(bytes: Uint8Array, starts: Uint32Array) {
    const count = starts.length - 1;
    this.#bytes = bytes;
    this.#starts = starts;
    this.#hashes = new Uint32Array(count);
    this.#firsts = new Uint32Array(count);
    this.#occurrences = new Uint32Array(count);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * count + 2)));
    for (let index = 0; index < count; index++) this.#enter(index);
  }

  /** How many names equal the i-th. */
  occurrences(index: number): number {
    return this.#occurrences[this.#firsts[index]];
  }

  /** The first name that equals the i-th. */
  first(index: number): number {
    return this.#firsts[index];
  }

  /** The first name that equals `bytes[start, end)`; -1 when there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(bytes, start, end, hashOf(bytes, start, end))] - 1;
  }

  #enter(index: number): void {
    const start = this.#starts[index];
    const end = this.#starts[index + 1] - 1;
    const hash = hashOf(this.#bytes, start, end);
    this.#hashes[index] = hash;
    const slot = this.#slotOf(this.#bytes, start, end, hash);
    if (this.#slots[slot] === 0) this.#slots[slot] = index + 1;
    const first = this.#slots[slot] - 1;
    this.#firsts[index] = first;
    this.#occurrences[first]++;
  }

  /** Where the name's first equal is entered, or where it would be. */
  #slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & mask;; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] - 1;
      if (index === -1) return slot;
      if (this.#hashes[index] === hash && this.#isEqual(index, bytes, start, end)) return slot;
    }
  }

  #isEqual(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#starts[index];
    const length = end - start;
    if (this.#starts[index + 1] - 1 - own !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[own + i] !== bytes[start + i]) return false;
    return true;
  }
}

/** Unsigned. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]) | 0;
  return hash >>> 0;
}
