// A hundred thousand names, searched at memory speed: one text, and a table of hashes.

const NEWLINE = 0x0a;
const LAST_BLANK = 0x20;
const LAST_PRINTED = 0x7e;
const QUESTION_MARK = 0x3f;

const LEAST_BYTES = 1 << 20;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Names as they are found in a list, before they are searched. */
export class NameCollector {
  /** Names of printed ASCII, each followed by a newline. */
  bytes = new Uint8Array(LEAST_BYTES);
  /** Where the i-th name begins; one more for the text's end. */
  starts = new Uint32Array(1);
  hashes = new Uint32Array(0);
  count = 0;
  #length = 0;

  /** Before so many names, and so many bytes of text with names in it, are read. */
  makeRoom(names: number, bytes: number): void {
    const wanted = this.starts[this.count] + bytes + 1;
    if (wanted > this.bytes.length) {
      this.bytes = enlarged(this.bytes, new Uint8Array(Math.max(wanted, this.bytes.length * 2)));
    }
    if (names > this.hashes.length) {
      const room = Math.max(names, this.hashes.length * 2);
      this.starts = enlarged(this.starts, new Uint32Array(room + 1));
      this.hashes = enlarged(this.hashes, new Uint32Array(room));
    }
  }

  /** Copies the name that begins at `start`, up to the first blank or control; answers where. */
  copy(from: Uint8Array, start: number): number {
    const bytes = this.bytes;
    let length = this.starts[this.count];
    let hash = 0;
    let at = start;
    for (; at < from.length; at++) {
      let byte = from[at];
      if (byte <= LAST_BLANK) break;
      if (byte > LAST_PRINTED) byte = QUESTION_MARK;
      hash = (Math.imul(hash, 31) + byte) | 0;
      bytes[length++] = byte;
    }
    bytes[length++] = NEWLINE;
    this.hashes[this.count] = hash;
    this.#length = length;
    return at;
  }

  /** Takes what was copied last for a name; answers its number. */
  keep(): number {
    const index = this.count++;
    this.starts[this.count] = this.#length;
    return index;
  }
}

export class FunctionNames {
  /** How many names there are, equal ones counted as often as they occur. */
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #text: string;
  readonly #starts: Uint32Array;
  readonly #hashes: Uint32Array;
  /** The first name that equals the i-th. */
  readonly #firsts: Uint32Array;
  /** Of a first name, how many equal it. */
  readonly #occurrences: Uint32Array;
  /** By hash: the number of a first name, plus one. */
  readonly #slots: Uint32Array;

  constructor({ bytes, starts, hashes, count }: NameCollector) {
    this.count = count;
    this.#bytes = bytes.slice(0, starts[count]);
    this.#text = decoder.decode(this.#bytes);
    this.#starts = starts.slice(0, count + 1);
    this.#hashes = hashes.slice(0, count);
    this.#firsts = new Uint32Array(count);
    this.#occurrences = new Uint32Array(count);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * count + 2)));
    for (let index = 0; index < count; index++) this.#enter(index);
  }

  name(index: number): string {
    return this.#text.slice(this.#starts[index], this.#starts[index + 1] - 1);
  }

  /** How many names equal the i-th. */
  occurrences(index: number): number {
    return this.#occurrences[this.#firsts[index]];
  }

  /** The first name that equals the i-th. */
  first(index: number): number {
    return this.#firsts[index];
  }

  /** The first of the names that equal `name`; -1 when there is none. */
  find(name: string): number {
    const bytes = encoder.encode(name);
    return this.findBytes(bytes, 0, bytes.length);
  }

  findBytes(from: Uint8Array, start: number, end: number): number {
    let hash = 0;
    for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + from[at] | 0;
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask;; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] - 1;
      if (index === -1) return -1;
      if (this.#hashes[index] === hash >>> 0 && this.#equals(index, from, start, end)) return index;
    }
  }

  /** Positions of the names that pass the test; only those that have `part` in them are tested. */
  matching(test: (name: string) => boolean, part: string): number[] {
    const found: number[] = [];
    for (let index = this.#next(0, part); index < this.count; index = this.#next(index + 1, part)) {
      if (test(this.name(index))) found.push(index);
    }
    return found;
  }

  /** Every name, equal ones as often as they occur. */
  *all(): Generator<string> {
    for (let index = 0; index < this.count; index++) yield this.name(index);
  }

  #next(index: number, part: string): number {
    if (part === "" || index >= this.count) return index;
    const at = this.#text.indexOf(part, this.#starts[index]);
    return at === -1 ? this.count : this.#positionOf(at, index);
  }

  /** The name that the place in the text belongs to, from `low` on. */
  #positionOf(at: number, from: number): number {
    let low = from;
    let step = 1;
    while (low + step < this.count && this.#starts[low + step] <= at) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, this.count);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= at) low = middle;
      else high = middle;
    }
    return low;
  }

  #enter(index: number): void {
    const slot = this.#slotOf(index);
    if (this.#slots[slot] === 0) this.#slots[slot] = index + 1;
    const first = this.#slots[slot] - 1;
    this.#firsts[index] = first;
    this.#occurrences[first]++;
  }

  /** Where the name's first equal is entered, or where it would be. */
  #slotOf(index: number): number {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes[index];
    const start = this.#starts[index];
    const end = this.#starts[index + 1] - 1;
    for (let slot = spread(hash) & mask;; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] - 1;
      if (known === -1) return slot;
      if (this.#hashes[known] === hash && this.#equals(known, this.#bytes, start, end)) return slot;
    }
  }

  #equals(index: number, from: Uint8Array, start: number, end: number): boolean {
    const own = this.#starts[index];
    if (this.#starts[index + 1] - 1 - own !== end - start) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < end - start; i++) if (bytes[own + i] !== from[start + i]) return false;
    return true;
  }
}

/** Moves high bits of a hash to where the table looks. */
function spread(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** `to` with what is in `from`. */
export function enlarged<Numbers extends Uint8Array | Uint16Array | Uint32Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
