// Sets of UTF-16 units as ranges.

/** First and last unit, both included. */
export type UnitRange = readonly [number, number];
export type CharacterSet = readonly UnitRange[];

export const LAST_UNIT = 0xffff;

export const everything: CharacterSet = [[0, LAST_UNIT]];
export const digits: CharacterSet = [[0x30, 0x39]];
export const wordCharacters: CharacterSet = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [
  0x61,
  0x7a,
]];
export const spaces: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
/** What `.` does not match. */
export const lineEnds: CharacterSet = [[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]];

/** `[:alpha:]` where it stands at this place: a class of POSIX, which patterns do not know. */
export function posixClassAt(text: string, at: number): string | null {
  const name = /\[:\w+:\]/y;
  name.lastIndex = at;
  return name.exec(text)?.[0] ?? null;
}

/** Every unit that is not in the set. */
export function opposite(set: CharacterSet): CharacterSet {
  const ranges: UnitRange[] = [];
  let free = 0;
  for (const [first, last] of set.toSorted((a, b) => a[0] - b[0])) {
    if (first > free) ranges.push([free, first - 1]);
    free = Math.max(free, last + 1);
  }
  if (free <= LAST_UNIT) ranges.push([free, LAST_UNIT]);
  return ranges;
}

/** The set with each of its ASCII letters in the other case too. */
export function inAnyCase(set: CharacterSet): CharacterSet {
  return [...set, ...shifted(set, 0x41, 0x20), ...shifted(set, 0x61, -0x20)];
}

/** The set's part of the 26 letters from `start` on, moved by `distance`. */
function shifted(set: CharacterSet, start: number, distance: number): UnitRange[] {
  return set.flatMap(([first, last]): UnitRange[] => {
    const from = Math.max(first, start);
    const to = Math.min(last, start + 25);
    return from > to ? [] : [[from + distance, to + distance]];
  });
}
