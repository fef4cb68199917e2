// Counts over time as one line of letters.

const heights = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One letter for each count, the highest for the largest; blanks for nothing. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((count) => {
    if (!(count > 0)) return " ";
    return heights[Math.min(heights.length - 1, Math.floor(count / most * heights.length))] ?? " ";
  }).join("");
}
