// Bytes to single values: little-endian integers, bitfields, floats, in the form they have in JSON.

/** What a decoder returns: `JSON.parse(JSON.stringify(value))` is the same value. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [name: string]: JsonValue;
}

const TWO_32 = 0x1_0000_0000;
/** The high words of what a double holds exactly. */
const EXACT_HIGH = 0x20_0000;

/** An integer as a number while it is exact (|value| <= 2^53-1), as decimal text beyond. */
export function exactInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** The same where there may be no number. */
export function exactOrNull(value: bigint | null): number | string | null {
  return value === null ? null : exactInteger(value);
}

/** The unsigned 64-bit integer of two unsigned words. */
export function unsigned64(low: number, high: number): number | string {
  if (high < EXACT_HIGH) return high * TWO_32 + low;
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

/** The signed 64-bit integer of two unsigned words. */
export function signed64(low: number, high: number): number | string {
  const top = high | 0;
  const value = top * TWO_32 + low;
  if (top < EXACT_HIGH && top >= -EXACT_HIGH && Number.isSafeInteger(value)) return value;
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24) >>> 0;
}

/** `count` bytes as an unsigned integer. */
export function bigUnsigned(bytes: Uint8Array, at: number, count: number): bigint {
  let value = 0n;
  for (let index = count - 1; index >= 0; index--) value = value << 8n | BigInt(bytes[at + index]);
  return value;
}

export function integer128(bytes: Uint8Array, at: number, signed: number): number | string {
  const value = bigUnsigned(bytes, at, 16);
  return exactInteger(signed === 1 ? BigInt.asIntN(128, value) : value);
}

/** The `width` bits from bit `shift` of the byte at `at` on. */
export function bigBits(bytes: Uint8Array, at: number, shift: number, width: number): bigint {
  const value = bigUnsigned(bytes, at, Math.ceil((shift + width) / 8));
  return BigInt.asUintN(width, value >> BigInt(shift));
}

export function unsignedBits(
  bytes: Uint8Array,
  at: number,
  shift: number,
  width: number,
): number | string {
  if (shift + width > 32) return exactInteger(bigBits(bytes, at, shift, width));
  let value = 0;
  for (let index = (shift + width + 7 >> 3) - 1; index >= 0; index--) {
    value = value << 8 | bytes[at + index];
  }
  value >>>= shift;
  return width === 32 ? value : value & (1 << width) - 1;
}

export function signedBits(
  bytes: Uint8Array,
  at: number,
  shift: number,
  width: number,
): number | string {
  if (shift + width > 32) {
    return exactInteger(BigInt.asIntN(width, bigBits(bytes, at, shift, width)));
  }
  const unused = 32 - width;
  return Number(unsignedBits(bytes, at, shift, width)) << unused >> unused;
}

/** Whether any of `count` bytes is set: what C makes of a `_Bool`. */
export function anySet(bytes: Uint8Array, at: number, count: number): boolean {
  for (let index = 0; index < count; index++) {
    if (bytes[at + index] !== 0) return true;
  }
  return false;
}

/** An address as `0x…`. */
export function address(low: number, high: number): string {
  if (high === 0) return `0x${low.toString(16)}`;
  return `0x${high.toString(16)}${low.toString(16).padStart(8, "0")}`;
}

/**
 * A float of 2, 4 or 8 bytes; what JSON has no number for is text: "NaN", "Infinity", "-Infinity".
 * Long doubles (12 or 16 bytes) are given as the hexadecimal digits of their bytes.
 */
export function float(bytes: Uint8Array, at: number, size: number): number | string {
  if (size > 8) return `0x${bigUnsigned(bytes, at, size).toString(16).padStart(size * 2, "0")}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  const value = size === 8
    ? view.getFloat64(0, true)
    : size === 4
    ? view.getFloat32(0, true)
    : half(view.getUint16(0, true));
  return Number.isFinite(value) ? value + 0 : String(value); // -0 + 0 is 0, as JSON.stringify says
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> 10 & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
