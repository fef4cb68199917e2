// The string section: names by offset, read as text only when asked for.
import { invalidBtf } from "./invalid.ts";
import { endOfText, readText } from "./text.ts";

/** Bytes of a name that enter its hash: a hostile name costs no more than this. */
const HASHED_BYTES = 64;
/** The kernel refuses names from 512 bytes on; mangled names in other BTF are longer. */
const MAX_NAME_BYTES = 1024;

export class Strings {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #base: Strings | null;
  readonly #baseLength: number;

  /** The last of the `length` bytes at `at` is NUL; offsets below the base's length are its. */
  constructor(bytes: Uint8Array, at: number, length: number, base: Strings | null) {
    this.#bytes = bytes;
    this.#base = base;
    this.#baseLength = base === null ? 0 : base.length;
    this.#at = at - this.#baseLength;
    this.length = this.#baseLength + length;
  }

  /** The name at `offset`, made safe to show. */
  read(offset: number): string {
    if (offset < this.#baseLength && this.#base !== null) return this.#base.read(offset);
    const start = this.#at + offset;
    const end = endOfText(this.#bytes, start, start + MAX_NAME_BYTES);
    if (end === start + MAX_NAME_BYTES) {
      throw invalidBtf(`the name at ${offset} is longer than ${MAX_NAME_BYTES} bytes`);
    }
    return readText(this.#bytes, start, end);
  }

  /**
   * Copies the name at `offset` to `into` as it is, without its NUL and cut where it is too long;
   * answers where the copy ends, or `at` when the name is not plain ASCII or has no room.
   */
  copyPlain(offset: number, into: Uint8Array, at: number): number {
    if (offset < this.#baseLength && this.#base !== null) {
      return this.#base.copyPlain(offset, into, at);
    }
    const start = this.#at + offset;
    const most = Math.min(MAX_NAME_BYTES, into.length - at);
    for (let length = 0; length < most; length++) {
      const byte = this.#bytes[start + length];
      if (byte === 0) return at + length;
      if (byte < 0x20 || byte > 0x7e) return at;
      into[at + length] = byte;
    }
    return at;
  }

  isEmpty(offset: number): boolean {
    if (offset < this.#baseLength && this.#base !== null) return this.#base.isEmpty(offset);
    return this.#bytes[this.#at + offset] === 0;
  }

  /** The line of source at `offset`, not indented, cut where a name would be too long. */
  readLine(offset: number): string {
    if (offset < this.#baseLength && this.#base !== null) return this.#base.readLine(offset);
    if (offset >= this.length) throw invalidBtf(`there is no text at ${offset}`);
    let start = this.#at + offset;
    while (this.#bytes[start] === 0x20 || this.#bytes[start] === 0x09) start++;
    return readText(this.#bytes, start, endOfText(this.#bytes, start, start + MAX_NAME_BYTES));
  }

  /** FNV-1a over the first bytes of the name at `offset`. */
  hash(offset: number): number {
    if (offset < this.#baseLength && this.#base !== null) return this.#base.hash(offset);
    return hashName(this.#bytes, this.#at + offset);
  }

  /** Whether the name at `offset` is `wanted`, which ends in NUL. */
  equals(offset: number, wanted: Uint8Array): boolean {
    if (offset < this.#baseLength && this.#base !== null) return this.#base.equals(offset, wanted);
    const start = this.#at + offset;
    for (let at = 0; at < wanted.length; at++) {
      if (this.#bytes[start + at] !== wanted[at]) return false;
    }
    return true;
  }
}

/** FNV-1a over the bytes up to a NUL. */
export function hashName(bytes: Uint8Array, start: number): number {
  let value = 0x811c9dc5;
  const end = start + HASHED_BYTES;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === 0) break;
    value = Math.imul(value ^ byte, 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}
