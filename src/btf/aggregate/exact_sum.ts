// Sums of integers that stay exact: three limbs of 32 bits in doubles, carried before they round.

/** Doubles that one sum takes. */
export const SUM_LIMBS = 3;
/** A limb that has reached this must be carried before another 2^32 is added. */
export const CARRY_AT = 2 ** 52;

const TWO_32 = 0x1_0000_0000;

/** Carries what is too much for the first two of the limbs at `at`. */
export function carry(limbs: Float64Array, at: number): void {
  const low = Math.floor(limbs[at] / TWO_32);
  limbs[at] -= low * TWO_32;
  limbs[at + 1] += low;
  const high = Math.floor(limbs[at + 1] / TWO_32);
  limbs[at + 1] -= high * TWO_32;
  limbs[at + 2] += high;
}

/** The sum of the limbs at `at`. */
export function exactSum(limbs: Float64Array, at: number): bigint {
  const [low, middle, high] = limbs.subarray(at, at + SUM_LIMBS);
  return BigInt(low) + (BigInt(middle) << 32n) + (BigInt(high) << 64n);
}
