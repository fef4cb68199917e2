// Bytes to lines in bounded memory: a line over the limit is discarded, but its ends are kept.

/** A line, or what is left of one that was too long. The bytes are valid until the next push. */
export type Line =
  | { readonly kind: "line"; readonly bytes: Uint8Array }
  | { readonly kind: "overlong"; readonly size: number; readonly ends: LineEnds };

/** The first and last bytes of a discarded line. */
export interface LineEnds {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

const newline = 10;
const carriageReturn = 13;
const endBytes = 256;

/** Cuts at LF; a CR before it goes too. Empty lines come out as empty. */
export class LineReader {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #size = 0;
  #head = new Uint8Array(0);
  #tail = new Uint8Array(0);

  /** @param limit the longest line in bytes, without its newline */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that the chunk completes. Keeps copies only: the chunk may be reused. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(newline, start);
      if (end === -1) break;
      yield this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** What stood after the last newline when the input ended; null when nothing did. */
  end(): Line | null {
    return this.#size === 0 ? null : this.#finish(new Uint8Array(0));
  }

  #keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    const fits = this.#size + rest.length <= this.#limit;
    if (!fits && this.#size <= this.#limit) this.#discard();
    this.#size += rest.length;
    if (fits) this.#parts.push(rest.slice());
    else this.#keepEnds(rest);
  }

  /** Lets the line go when it first exceeds the limit. */
  #discard(): void {
    const parts = this.#parts;
    this.#parts = [];
    for (const part of parts) this.#keepEnds(part);
  }

  #keepEnds(part: Uint8Array): void {
    if (this.#head.length < endBytes) {
      this.#head = join([this.#head, part.subarray(0, endBytes - this.#head.length)]);
    }
    this.#tail = join([this.#tail, part.subarray(-endBytes)]).slice(-endBytes);
  }

  #finish(rest: Uint8Array): Line {
    if (this.#parts.length === 0 && this.#size === 0 && rest.length <= this.#limit) {
      return { kind: "line", bytes: withoutReturn(rest) };
    }
    this.#keep(rest);
    const size = this.#size;
    const line: Line = size <= this.#limit
      ? { kind: "line", bytes: withoutReturn(join(this.#parts)) }
      : { kind: "overlong", size, ends: { head: this.#head, tail: this.#tail } };
    this.#parts = [];
    this.#size = 0;
    this.#head = new Uint8Array(0);
    this.#tail = new Uint8Array(0);
    return line;
  }
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
