// How long calls took: a histogram whose size does not depend on how many there were.

/** Each bucket ends 10% above the one before; the first at 0.1 ms. */
const FIRST_MS = 0.1;
const RATIO = 1.1;
const BUCKETS = 160;

export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #longest = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / Math.log(RATIO));
    const index = Math.min(bucket, BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count++;
    this.#longest = Math.max(this.#longest, ms);
  }

  get count(): number {
    return this.#count;
  }

  get longestMs(): number {
    return this.#longest;
  }

  /** The time that this share of the calls (0 to 1) did not exceed, within 10%; 0 without calls. */
  quantileMs(share: number): number {
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= share * this.#count) {
        return Math.min(FIRST_MS * RATIO ** index, this.#longest);
      }
    }
    return 0;
  }
}
