// What a test may leave behind, as names: two looks at them compare by these names alone.

/** Names with what a person is told of each. */
export type Holdings = ReadonlyMap<string, string>;

/** What `after` has and `before` has not. */
export function added(before: Holdings, after: Holdings): Map<string, string> {
  return new Map([...after].filter(([name]) => !before.has(name)));
}

/** One set of all; no two kinds share a name. */
export function together(...parts: readonly Holdings[]): Holdings {
  return new Map(parts.flatMap((part) => [...part]));
}
