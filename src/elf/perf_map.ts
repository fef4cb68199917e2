// /tmp/perf-PID.map: what a compiler at run time (JavaScript, Java, …) says of its code.

/** A line says start and size in hexadecimal, then the name: `3ef414c0 398 LazyCompile:~f a.js`. */
const LINE = /^([0-9a-f]{1,16}) ([0-9a-f]{1,8}) (.+)$/;

/** A busy server's has some hundred thousand. */
const MAX_LINES = 1_000_000;

export class PerfMap {
  readonly #starts: Float64Array;
  readonly #sizes: Float64Array;
  readonly #names: readonly string[];

  /** What is no such line is left out; of code at one address the last line counts. */
  constructor(text: string) {
    const byStart = new Map<number, { size: number; name: string }>();
    let lines = 0;
    for (let at = 0; at < text.length && lines < MAX_LINES; lines++) {
      const end = text.indexOf("\n", at);
      const line = text.slice(at, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end + 1;
      const [, start = "", size = "", name = ""] = LINE.exec(line) ?? [];
      if (name !== "") byStart.set(parseInt(start, 16), { size: parseInt(size, 16), name });
    }
    const sorted = [...byStart].sort(([one], [other]) => one - other);
    this.#starts = Float64Array.from(sorted, ([start]) => start);
    this.#sizes = Float64Array.from(sorted, ([, { size }]) => size);
    this.#names = sorted.map(([, { name }]) => name);
  }

  get count(): number {
    return this.#names.length;
  }

  /** The code that the address is in; null for none. Addresses of processes are below 2^53. */
  find(address: number): { name: string; offset: number } | null {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const start = this.#starts[low - 1] ?? 0;
    const offset = address - start;
    if (low === 0 || offset >= (this.#sizes[low - 1] ?? 0)) return null;
    return { name: this.#names[low - 1] ?? "", offset };
  }
}
