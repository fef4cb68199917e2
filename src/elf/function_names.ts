// A hundred thousand names, searched at memory speed: one long text.
import { EqualNames } from "./equal_names.ts";

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
  count = 0;
  #length = 0;

  /** Before so many names, and so many bytes of text with names in it, are read. */
  makeRoom(names: number, bytes: number): void {
    const wanted = this.starts[this.count] + bytes + 1;
    if (wanted > this.bytes.length) {
      this.bytes = enlarged(this.bytes, new Uint8Array(Math.max(wanted, this.bytes.length * 2)));
    }
    if (names >= this.starts.length) {
      const room = Math.max(names + 1, this.starts.length * 2);
      this.starts = enlarged(this.starts, new Uint32Array(room));
    }
  }

  /** Copies the name that begins at `start`, up to the first blank or control; answers where. */
  copy(from: Uint8Array, start: number): number {
    const bytes = this.bytes;
    let length = this.starts[this.count];
    let at = start;
    for (; at < from.length; at++) {
      const byte = from[at];
      if (byte <= LAST_BLANK) break;
      bytes[length++] = byte <= LAST_PRINTED ? byte : QUESTION_MARK;
    }
    bytes[length++] = NEWLINE;
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
  /** Names of printed ASCII, each followed by a newline. */
  readonly #text: string;
  readonly #starts: Uint32Array;
  #equals: EqualNames | null = null;

  constructor({ bytes, starts, count }: NameCollector) {
    this.count = count;
    this.#text = decoder.decode(bytes.subarray(0, starts[count]));
    this.#starts = starts.slice(0, count + 1);
  }

  name(index: number): string {
    return this.#text.slice(this.#starts[index], this.#starts[index + 1] - 1);
  }

  /** How many names equal the i-th. */
  occurrences(index: number): number {
    return this.#equal.occurrences(index);
  }

  /** The first name that equals the i-th. */
  first(index: number): number {
    return this.#equal.first(index);
  }

  /** The first of the names that equal `name`; -1 when there is none. */
  find(name: string): number {
    const bytes = encoder.encode(name);
    return this.#equal.find(bytes, 0, bytes.length);
  }

  /** The same for the name in `bytes[start, end)`. */
  findBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.#equal.find(bytes, start, end);
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

  /** Made when first asked: it takes as long as reading the names. */
  get #equal(): EqualNames {
    return this.#equals ??= new EqualNames(encoder.encode(this.#text), this.#starts);
  }
}

/** `to` with what is in `from`. */
export function enlarged<Numbers extends Uint8Array | Uint16Array | Uint32Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
