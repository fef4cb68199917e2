// Decisions out of an input's bytes: whoever makes the bytes decides, and they can be kept.

/** Reads an input from front to back; behind its end everything is 0. */
export class ByteSource {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get isEmpty(): boolean {
    return this.#at >= this.bytes.length;
  }

  u8(): number {
    return this.#at < this.bytes.length ? this.bytes[this.#at++] : 0;
  }

  u16(): number {
    return this.u8() | this.u8() << 8;
  }

  u32(): number {
    return (this.u16() | this.u16() << 16) >>> 0;
  }

  /** 0 to `count - 1`; `count` is at most 65536. */
  below(count: number): number {
    return count <= 256 ? this.u8() % count : this.u16() % count;
  }

  /** True once in `among` times, never behind the end. */
  once(among: number): boolean {
    return !this.isEmpty && this.below(among) === 1 % among;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  /** What is left, `most` bytes of it. */
  rest(most: number): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(this.#at, this.#at + most);
    this.#at += taken.length;
    return taken;
  }
}
