// What the code that gathers a group's key calls: values of a record as 32-bit words, texts in one
// form however what follows their NUL was left. Each function answers the next free place in the
// key, one behind its end when there is none: then the record has no group of its own.
import { endOfText } from "../text.ts";

/** Bytes `[at, stop)` as words, filled up with zeros. */
export function bytesToWords(
  u8: Uint8Array,
  at: number,
  stop: number,
  key: Int32Array,
  next: number,
): number {
  if (next + ((stop - at + 3) >> 2) > key.length) return key.length + 1;
  let [from, to] = [at, next];
  for (; from + 4 <= stop; from += 4) {
    key[to++] = u8[from] | u8[from + 1] << 8 | u8[from + 2] << 16 | u8[from + 3] << 24;
  }
  if (from < stop) {
    let word = 0;
    for (let shift = 0; from < stop; from++, shift += 8) word |= u8[from] << shift;
    key[to++] = word;
  }
  return to;
}

/** The bytes of a text up to its NUL: how many, then they. */
export function textToWords(
  u8: Uint8Array,
  at: number,
  stop: number,
  key: Int32Array,
  next: number,
): number {
  if (next >= key.length) return key.length + 1;
  const end = endOfText(u8, at, stop);
  key[next] = end - at;
  return bytesToWords(u8, at, end, key, next + 1);
}

/** The same of a text of `count` whole words from `word` on, a word at a time. */
export function wordsToWords(
  i32: Int32Array,
  word: number,
  count: number,
  key: Int32Array,
  next: number,
): number {
  if (next + 1 + count > key.length) return key.length + 1;
  let to = next + 1;
  for (let index = 0; index < count; index++) {
    const value = i32[word + index];
    const zeros = (value - 0x01010101) & ~value & 0x80808080; // its lowest set bit is the NUL's
    if (zeros === 0) {
      key[to++] = value;
      continue;
    }
    const bytes = (31 - Math.clz32(zeros & -zeros)) >> 3;
    if (bytes > 0) key[to++] = value & ((1 << (bytes * 8)) - 1);
    key[next] = index * 4 + bytes;
    return to;
  }
  key[next] = count * 4;
  return to;
}

/** The NUL-separated texts in `[at, stop)`; zeros that fill up a `size` are left out. */
export function textsToWords(
  u8: Uint8Array,
  at: number,
  stop: number,
  size: number,
  key: Int32Array,
  next: number,
): number {
  if (next >= key.length) return key.length + 1;
  let end = stop;
  if (stop - at === size) {
    while (end > at && u8[end - 1] === 0) end--;
    if (end > at && end < stop) end++; // the NUL that closes the last one
  }
  key[next] = end - at;
  return bytesToWords(u8, at, end, key, next + 1);
}
