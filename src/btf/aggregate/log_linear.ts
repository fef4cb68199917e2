// Buckets whose width grows with the value: 64 to each power of two, so that a bucket's middle is
// within 1/128 of every value in it. Values below 128 have a bucket each.

/** Of the middle of a bucket to any value in it. */
export const RELATIVE_ERROR = 1 / 128;
/** Buckets of one power of two, and counters of one page. */
export const PAGE = 64;
/** Pages of all values from 0 to 2^64-1. */
export const PAGES_UNSIGNED = 59;
/** The same, and again as many for the amounts of negative values. */
export const PAGES_SIGNED = 2 * PAGES_UNSIGNED;

const TWO_32 = 0x1_0000_0000;

/** The bucket of an unsigned 32-bit value. */
export function bucketOf32(value: number): number {
  if (value < 128) return value;
  const shift = 25 - Math.clz32(value);
  return (shift << 6) + (value >>> shift);
}

/** The bucket of a signed 32-bit value. */
export function bucketOfSigned32(value: number): number {
  return value >= 0 ? bucketOf32(value) : PAGES_UNSIGNED * PAGE + bucketOf32(-value);
}

/** The bucket of an unsigned 64-bit value in two unsigned words. */
export function bucketOf64(low: number, high: number): number {
  if (high === 0) return bucketOf32(low);
  const shift = 57 - Math.clz32(high);
  const top = shift >= 32 ? high >>> (shift - 32) : (high << (32 - shift)) | (low >>> shift);
  return (shift << 6) + (top & 127);
}

/** The bucket of a signed 64-bit value: an unsigned low word and a signed high one. */
export function bucketOfSigned64(low: number, high: number): number {
  if (high >= 0) return bucketOf64(low, high);
  const [less, more] = low === 0 ? [0, -high] : [TWO_32 - low, ~high];
  return PAGES_UNSIGNED * PAGE + bucketOf64(less, more >>> 0);
}

/** The value that stands for a bucket: its middle. */
export function middleOf(bucket: number): bigint {
  const negative = PAGES_UNSIGNED * PAGE;
  if (bucket >= negative) return -middleOf(bucket - negative);
  if (bucket < 128) return BigInt(bucket);
  const shift = BigInt((bucket >> 6) - 1);
  const least = BigInt(64 + (bucket & 63)) << shift;
  return least + (((1n << shift) - 1n) >> 1n);
}

/** The power of two at or below the values of a bucket, the sign kept; 0 for 0. */
export function powerOf(bucket: number): bigint {
  const negative = PAGES_UNSIGNED * PAGE;
  if (bucket >= negative) return -powerOf(bucket - negative);
  if (bucket === 0) return 0n;
  const exponent = bucket < 128 ? 31 - Math.clz32(bucket) : (bucket >> 6) + 5;
  return 1n << BigInt(exponent);
}
