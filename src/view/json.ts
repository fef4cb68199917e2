// Values to JSON text, 64-bit numbers included.

/**
 * JSON text of any answer. A bigint becomes a number while that is exact (up to 2^53-1), a decimal
 * string beyond.
 */
export function toJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // A replacer takes JSON.stringify off its fast path, so only what holds a bigint pays for it.
    return JSON.stringify(value, replaceBigint, indent) ?? "null";
  }
}

function replaceBigint(_name: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
