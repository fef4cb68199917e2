// The end of a long text, in whole lines.

/** The last `count` lines of `text`, fewer when they take more than `bytes` characters. */
export function lastLines(text: string, count: number, bytes: number): string {
  const lines = text.trimEnd().split("\n").slice(-count);
  let length = 0;
  let first = lines.length;
  while (first > 0 && length + lines[first - 1].length < bytes) {
    first--;
    length += lines[first].length + 1;
  }
  return first === lines.length
    ? (lines.at(-1) ?? "").slice(-bytes)
    : lines.slice(first).join("\n");
}
