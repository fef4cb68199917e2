// Addresses of the Internet as people write them.

const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

/**
 * An IPv4 address of 4 bytes, an IPv6 one of 16 as RFC 5952 writes it, and what is IPv4 in IPv6
 * (`::ffff:a.b.c.d`) as IPv4; null for any other number of bytes.
 */
export function ipText(bytes: ArrayLike<number>): string | null {
  const all = Array.from(bytes);
  if (all.length === 4) return all.join(".");
  if (all.length !== 16) return null;
  if (V4_MAPPED.every((byte, at) => all[at] === byte)) return all.slice(V4_MAPPED.length).join(".");
  const words = Array.from(
    { length: 8 },
    (_, i) => ((all[2 * i] ?? 0) << 8) | (all[2 * i + 1] ?? 0),
  );
  const { start, length } = longestZeros(words);
  const texts = words.map((word) => word.toString(16));
  if (length < 2) return texts.join(":");
  return `${texts.slice(0, start).join(":")}::${texts.slice(start + length).join(":")}`;
}

/** The first of the longest runs of words that are 0. */
function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (end < words.length && words[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
