// Single values as JSON bytes, written at `p` of `out`; each returns the place behind them.
import type { EnumNames } from "./layout.ts";
import { readText } from "./text.ts";
import type { JsonValue } from "./value.ts";

const encoder = new TextEncoder();
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** "00" to "99". */
const pairs = Uint8Array.from({ length: 200 }, (_, index) => {
  const number = index >> 1;
  return 48 + (index % 2 === 0 ? Math.floor(number / 10) : number % 10);
});
/** 1 for bytes that do not stand for themselves in a JSON string. */
const special = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH ? 1 : 0;
});
const hexDigits = encoder.encode("0123456789abcdef");
const TWO_32 = 0x1_0000_0000;
const EXACT_HIGH = 0x20_0000;
const BILLION = 1_000_000_000;
const MINUS = 0x2d;

/** An unsigned integer below 2^32. */
export function writeUnsigned(out: Uint8Array, p: number, value: number): number {
  if (value < 10) {
    out[p] = 48 + value;
    return p + 1;
  }
  if (value < 100) {
    out[p] = pairs[value << 1];
    out[p + 1] = pairs[(value << 1) + 1];
    return p + 2;
  }
  const end = p + digits(value);
  let at = end;
  let rest = value >>> 0;
  while (rest >= 100) {
    const quotient = (rest / 100) >>> 0;
    const pair = (rest - quotient * 100) << 1;
    out[--at] = pairs[pair + 1];
    out[--at] = pairs[pair];
    rest = quotient;
  }
  if (rest >= 10) {
    out[--at] = pairs[(rest << 1) + 1];
    out[--at] = pairs[rest << 1];
  } else out[--at] = 48 + rest;
  return end;
}

/** Decimal digits of a value from 100 on. */
function digits(value: number): number {
  if (value < 10_000) return value < 1000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return value < BILLION ? 9 : 10;
}

/** A signed integer of 32 bits. */
export function writeSigned(out: Uint8Array, p: number, value: number): number {
  if (value >= 0) return writeUnsigned(out, p, value);
  out[p] = MINUS;
  return writeUnsigned(out, p + 1, -value);
}

/** An unsigned 64-bit integer: digits while a double is exact, a decimal string beyond. */
export function writeUnsigned64(out: Uint8Array, p: number, low: number, high: number): number {
  if (high === 0) return writeUnsigned(out, p, low);
  if (high < EXACT_HIGH) return writeExact(out, p, high * TWO_32 + low);
  return writeQuoted(out, p, ((BigInt(high) << 32n) | BigInt(low)).toString());
}

/** A signed 64-bit integer; both words are given unsigned. */
export function writeSigned64(out: Uint8Array, p: number, low: number, high: number): number {
  if (high < EXACT_HIGH) return writeUnsigned64(out, p, low, high);
  const positiveLow = -low >>> 0;
  const positiveHigh = (low === 0 ? -high : ~high) >>> 0;
  if (high < 0x8000_0000 || positiveHigh >= EXACT_HIGH) {
    const value = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
    return writeQuoted(out, p, value.toString());
  }
  out[p] = MINUS;
  return writeUnsigned64(out, p + 1, positiveLow, positiveHigh);
}

/** An integer from 2^32 to 2^53-1. */
function writeExact(out: Uint8Array, p: number, value: number): number {
  const top = Math.floor(value / BILLION);
  const end = writeUnsigned(out, p, top) + 9;
  let rest = value - top * BILLION;
  let at = end;
  for (let pair = 0; pair < 4; pair++) {
    const quotient = (rest / 100) >>> 0;
    const index = (rest - quotient * 100) << 1;
    out[--at] = pairs[index + 1];
    out[--at] = pairs[index];
    rest = quotient;
  }
  out[--at] = 48 + rest;
  return end;
}

/** ASCII text that needs no escapes, in quotes. */
function writeQuoted(out: Uint8Array, p: number, text: string): number {
  let at = p;
  out[at++] = QUOTE;
  for (let index = 0; index < text.length; index++) out[at++] = text.charCodeAt(index);
  out[at++] = QUOTE;
  return at;
}

export function writeBoolean(out: Uint8Array, p: number, value: boolean): number {
  if (value) {
    out[p] = 0x74;
    out[p + 1] = 0x72;
    out[p + 2] = 0x75;
    out[p + 3] = 0x65;
    return p + 4;
  }
  out[p] = 0x66;
  out[p + 1] = 0x61;
  out[p + 2] = 0x6c;
  out[p + 3] = 0x73;
  out[p + 4] = 0x65;
  return p + 5;
}

/** An address, `"0x…"`. */
export function writeAddress(out: Uint8Array, p: number, low: number, high: number): number {
  out[p] = QUOTE;
  out[p + 1] = 48;
  out[p + 2] = 0x78;
  let at = p + 3;
  let shown = false;
  for (const word of [high, low]) {
    for (let shift = 28; shift >= 0; shift -= 4) {
      const digit = (word >>> shift) & 0xf;
      if (!shown && digit === 0) continue;
      shown = true;
      out[at++] = hexDigits[digit];
    }
  }
  if (!shown) out[at++] = 48;
  out[at++] = QUOTE;
  return at;
}

/** The text `u8[at, stop)` up to its NUL, in quotes and escaped. */
export function writeText(
  out: Uint8Array,
  p: number,
  u8: Uint8Array,
  at: number,
  stop: number,
): number {
  let to = p;
  out[to++] = QUOTE;
  for (let from = at; from < stop; from++) {
    const byte = u8[from];
    if (special[byte] !== 0) {
      if (byte === 0) break;
      if (byte !== QUOTE && byte !== BACKSLASH) return writeJson(out, p, readText(u8, at, stop));
      out[to++] = BACKSLASH;
    }
    out[to++] = byte;
  }
  out[to++] = QUOTE;
  return to;
}

/** The names of an enum as JSON bytes. */
export type NameBytes = ReadonlyMap<number | string, Uint8Array>;

export function nameBytes(names: EnumNames): NameBytes {
  return new Map([...names].map(([value, name]) => [value, encoder.encode(JSON.stringify(name))]));
}

/** The name of an enum's value, or the value. */
export function writeName(
  out: Uint8Array,
  p: number,
  names: NameBytes,
  value: number | string,
): number {
  const bytes = names.get(value);
  if (bytes === undefined) return writeJson(out, p, value);
  for (let index = 0; index < bytes.length; index++) out[p + index] = bytes[index];
  return p + bytes.length;
}

export function writeBytes(out: Uint8Array, p: number, bytes: Uint8Array): number {
  for (let index = 0; index < bytes.length; index++) out[p + index] = bytes[index];
  return p + bytes.length;
}

/** Any value, the slow way. */
export function writeJson(out: Uint8Array, p: number, value: JsonValue): number {
  return p + encoder.encodeInto(JSON.stringify(value), out.subarray(p)).written;
}
