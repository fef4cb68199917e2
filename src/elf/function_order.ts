// Functions by rising address, for addresses in the middle of one.

/** Kernel addresses are in the upper half, of which 47 bits differ: exact in a double. */
const HALF = 0xffff8000;

export class FunctionOrder {
  readonly #keys: Float64Array;
  readonly #indexes: Uint32Array;

  /** @param high,low halves of each function's address; one of 0 is hidden, and left out */
  constructor(high: Uint32Array, low: Uint32Array) {
    const keys = Float64Array.from(low, (word, index) => keyOf(high[index] ?? 0, word));
    const known = Uint32Array.from(keys, (_, index) => index)
      .filter((index) => (high[index] ?? 0) !== 0);
    // of several at one address the first of the list comes first
    this.#indexes = known.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
    this.#keys = Float64Array.from(this.#indexes, (index) => keys[index] ?? 0);
  }

  /** The first of those that begin last at or before the address; -1 when none does. */
  below(address: bigint): number {
    const key = keyOf(Number(address >> 32n & 0xffffffffn), Number(address & 0xffffffffn));
    const last = this.#upper(key) - 1;
    if (last < 0) return -1;
    return this.#indexes[this.#upper((this.#keys[last] ?? 0) - 1)] ?? -1;
  }

  /** How many begin at or before `key`. */
  #upper(key: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] ?? 0) <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function keyOf(high: number, low: number): number {
  return (high - HALF) * 2 ** 32 + low;
}
