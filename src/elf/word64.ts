// 64-bit words as numbers: exact to 2^53, and above that still too large for any bounds check.

/** The little-endian unsigned 64-bit word at `offset`; inexact beyond 2^53. */
export function readWord64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);
}
