// "Did you mean": the names nearest to one that does not exist.

/** Longer names are compared by their first characters; the cost of one comparison is bounded. */
const MAX_LENGTH = 64;
/** Candidates beyond these are not looked at: a kernel's function list has about as many. */
const MAX_CANDIDATES = 200_000;
/** Shorter names are in everything, so that containing them says nothing. */
const MIN_SUBSTRING = 3;

interface Ranked {
  name: string;
  /** 0 the same but for case, 1 one contains the other, 2 similar. */
  rank: number;
  /** Edits for the similar, surplus characters for the containing. */
  distance: number;
}

/**
 * At most `count` of the candidates that `name` may have meant, best first: those that differ only
 * in case, then those that contain it or are contained in it, then those within a third of its
 * length in edits. Empty when nothing is near.
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
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const distance = editDistance(wanted, candidate, most);
  return distance === null ? null : { name, rank: 2, distance };
}

/**
 * How many single-character insertions, deletions, replacements and swaps of neighbours lead from
 * one to the other; null when more than `most`. Stops at the first row that cannot end below.
 */
export function editDistance(from: string, to: string, most: number): number | null {
  if (Math.abs(from.length - to.length) > most) return null;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let edits = isSame
        ? last[column - 1]
        : 1 + Math.min(last[column - 1], last[column], current[column - 1]);
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap && row > 1 && column > 1) edits = Math.min(edits, 1 + beforeLast[column - 2]);
      current.push(edits);
    }
    // A swap looks two rows back, so one row above the limit is not yet the end.
    if (Math.min(...current) > most && Math.min(...last) > most) return null;
    [beforeLast, last] = [last, current];
  }
  const distance = last[to.length];
  return distance <= most ? distance : null;
}
