// Functions by address: one table, searched by hash.

/** Golden ratio of 2^32: functions begin at multiples of 16. */
const SCATTER = 0x9e3779b1;

export class FunctionAddresses {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** By hash: the number of the first function at an address, plus one. */
  readonly #slots: Uint32Array;
  readonly #shift: number;

  /** @param high,low halves of each function's address; one of 0 is hidden, and left out */
  constructor(high: Uint32Array, low: Uint32Array) {
    this.#high = high;
    this.#low = low;
    const bits = Math.ceil(Math.log2(2 * low.length + 2));
    this.#slots = new Uint32Array(2 ** bits);
    this.#shift = 32 - bits;
    for (let index = 0; index < low.length; index++) {
      if (high[index] === 0 && low[index] === 0) continue;
      const slot = this.#slotOf(high[index], low[index]);
      if (this.#slots[slot] === 0) this.#slots[slot] = index + 1;
    }
  }

  /** The first function that begins at exactly this address; -1 when none does. */
  find(address: bigint): number {
    const [high, low] = [Number(address >> 32n & 0xffffffffn), Number(address & 0xffffffffn)];
    return this.#slots[this.#slotOf(high, low)] - 1;
  }

  /** Where the address is entered, or where it would be. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = Math.imul(low ^ high, SCATTER) >>> this.#shift;; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] - 1;
      if (index === -1) return slot;
      if (this.#low[index] === low && this.#high[index] === high) return slot;
    }
  }
}
