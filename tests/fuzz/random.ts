// Random numbers that are the same wherever and whenever the same case is made.

const GOLDEN = 0x9e3779b9;

/** FNV-1a over the characters, one start per word of state. */
function hash(text: string, start: number): number {
  let value = start;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value ^ value >>> 15;
}

/** sfc32: 128 bits of state, passes PractRand, a few ns per word. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param name what the numbers are for: `elf 1 42` */
  constructor(name: string) {
    this.#a = hash(name, 0x811c9dc5);
    this.#b = hash(name, GOLDEN);
    this.#c = hash(name, 0x85ebca6b);
    for (let warm = 0; warm < 12; warm++) this.u32();
  }

  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ this.#b >>> 9;
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21 | this.#c >>> 11) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 to `count - 1`; 0 for a count of 0. */
  below(count: number): number {
    return Math.floor(this.u32() / 0x1_0000_0000 * count);
  }

  /** `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `among` times. */
  once(among: number): boolean {
    return this.below(among) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.u32() >>> 24);
  }
}

/** The numbers of one case of a target. */
export function caseRandom(target: string, seed: number, index: number): Random {
  return new Random(`${target} ${seed} ${index}`);
}
