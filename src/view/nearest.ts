// "Did you mean": the names nearest to one that does not exist.

/** Longer names are compared by their first characters; the cost of one comparison is bounded. */
const MAX_LENGTH = 64;
/** Candidates beyond these are not looked at: a kernel's function list has about as many. */
const MAX_CANDIDATES = 200_000;
/** Shorter names are in everything, so that containing them says nothing. */
const MIN_SUBSTRING = 3;

/** More than these are no slip of the finger, and the cost of a comparison grows with them. */
const MAX_EDITS = 4;

interface Ranked {
  name: string;
  /** 0 the same but for case, 1 one contains the other, 2 similar. */
  rank: number;
  /** Edits for the similar, surplus characters for the containing. */
  distance: number;
}

/**
 * At most `count` of the candidates that `name` may have meant, best first: those that differ only
 * in case, then those that contain it or are contained in it, then those a few edits away (a third
 * of its length, at most four). Empty when nothing is near.
 */
export function nearest(name: string, candidates: Iterable<string>, count: number): string[] {
  const wanted = comparable(name);
  const found = new Map<string, Ranked>();
  let seen = 0;
  for (const candidate of candidates) {
    if (++seen > MAX_CANDIDATES) break;
    const ranked = rank(wanted, candidate);
    if (ranked !== null) found.set(candidate, ranked);
  }
  return [...found.values()].sort(byNearness).slice(0, count).map((ranked) => ranked.name);
}

/** At most `count` of the candidates: the nearest first, then others in their own order. */
export function nearestFirst(
  name: string,
  candidates: Iterable<string>,
  count: number,
): string[] {
  const all = [...candidates];
  return [...new Set([...nearest(name, all, count), ...all])].slice(0, count);
}

function comparable(name: string): string {
  return name.slice(0, MAX_LENGTH).toLowerCase();
}

function byNearness(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || a.distance - b.distance || (a.name < b.name ? -1 : 1);
}

function rank(wanted: string, name: string): Ranked | null {
  const candidate = comparable(name);
  if (wanted === candidate) return { name, rank: 0, distance: 0 };
  const [short, long] = wanted.length < candidate.length
    ? [wanted, candidate]
    : [candidate, wanted];
  const surplus = long.length - short.length;
  if (short.length >= MIN_SUBSTRING && long.includes(short)) {
    return { name, rank: 1, distance: surplus };
  }
  const most = Math.min(MAX_EDITS, Math.max(1, Math.floor(wanted.length / 3)));
  const distance = editDistance(wanted, candidate, most);
  return distance === null ? null : { name, rank: 2, distance };
}

/**
 * How many single-character insertions, deletions, replacements and swaps of neighbours lead from
 * one to the other; null when more than `most`. Looks only at what can end within `most`.
 */
export function editDistance(from: string, to: string, most: number): number | null {
  if (Math.abs(from.length - to.length) > most) return null;
  const beyond = most + 1;
  let beforeLast = new Array<number>(to.length + 2).fill(beyond);
  let current = beforeLast.slice();
  let last = beforeLast.map((_, column) => Math.min(column, beyond));
  let leastOfLast = 0;
  for (let row = 1; row <= from.length; row++) {
    const first = Math.max(1, row - most);
    const final = Math.min(to.length, row + most);
    let least = current[first - 1] = first === 1 ? Math.min(row, beyond) : beyond;
    for (let column = first; column <= final; column++) {
      let edits = last[column - 1];
      if (from[row - 1] !== to[column - 1]) {
        edits = 1 + Math.min(edits, last[column], current[column - 1]);
        const isSwap = row > 1 && from[row - 1] === to[column - 2] &&
          from[row - 2] === to[column - 1];
        if (isSwap) edits = Math.min(edits, 1 + beforeLast[column - 2]);
      }
      current[column] = edits;
      if (edits < least) least = edits;
    }
    current[final + 1] = beyond;
    // A swap looks two rows back, so one row beyond the limit is not yet the end.
    if (least > most && leastOfLast > most) return null;
    leastOfLast = least;
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  const distance = last[to.length];
  return distance <= most ? distance : null;
}
