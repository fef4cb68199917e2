// How several lists share one answer's budget.
import { jsonBytes } from "../../view/page.ts";

/** What the first `limit` rows take in bytes; counting ends where `most` is reached. */
export function bytesNeeded(rows: readonly unknown[], limit: number, most: number): number {
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    bytes += jsonBytes(row);
    if (bytes >= most) return most;
  }
  return bytes;
}

/** To each what it needs, and where that is too much in sum, as much as every other that lacks. */
export function fairShares(needs: readonly number[], budget: number): number[] {
  const shares = needs.map(() => 0);
  const rising = needs.map((need, index) => ({ need, index })).sort((a, b) => a.need - b.need);
  let left = Math.max(0, budget);
  for (const [position, { need, index }] of rising.entries()) {
    const share = Math.min(need, Math.floor(left / (rising.length - position)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
