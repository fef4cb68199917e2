// Sizes and flags that a map type takes, found by changing one thing at a time of a map that the
// kernel took.
import type { Attempts, MapAttempt } from "./attempt.ts";
import { mapFlags } from "./map_flags.ts";

/** The largest size that is tried: a run up to it may go on. */
export const largestTried = 65_536;
/** Sizes that are tried: every small one, and what larger limits are likely to be near. */
const small = Array.from({ length: 17 }, (_, size) => size);
const large = [24, 32, 64, 128, 256, 512, 1024, 4096, 32_768, largestTried];
const sizes = [...small, ...large];
/** Of entries, which all are allocated at once. */
const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 64, 1024, 4096, 8192];

/** A run of sizes that are all taken, as far as they were tried; bounds are exact. */
export interface Run {
  readonly from: number;
  /** The same as `from` when it stands alone. */
  readonly to: number;
}

export interface MapLimits {
  /** Bytes of a key; null where its BTF says. */
  readonly key: readonly Run[] | null;
  /** Bytes of a value; null where its BTF says. */
  readonly value: readonly Run[] | null;
  readonly maxEntries: readonly Run[];
  /** Without these flags the kernel refuses. */
  readonly flagsNeeded: readonly string[];
  /** Flags that may be added, each alone. */
  readonly flagsTaken: readonly string[];
}

/** What can be changed of `shape`, which the kernel takes. Costs some 100 maps, one at a time. */
export function mapLimits(attempts: Attempts, shape: MapAttempt): MapLimits {
  const takes = (change: Partial<MapAttempt>) => attempts.create({ ...shape, ...change }) === 0;
  const isDescribed = shape.btf !== undefined && shape.btf.valueType !== 0;
  return {
    // a size that BTF belies is refused late, after a wait for every CPU
    key: isDescribed ? null : runs(sizes, (keyBytes) => takes({ keyBytes })),
    value: isDescribed ? null : runs(sizes, (valueBytes) => takes({ valueBytes })),
    maxEntries: runs(counts, (maxEntries) => takes({ maxEntries })),
    flagsNeeded: mapFlags.filter(({ bit }) =>
      (shape.flags & bit) !== 0 && !takes({ flags: shape.flags & ~bit })
    ).map(({ name }) => name),
    flagsTaken: mapFlags.filter(({ bit }) =>
      (shape.flags & bit) === 0 && takes({ flags: shape.flags | bit })
    ).map(({ name }) => name),
  };
}

/**
 * Neighbours make a run when both are taken, and what follows the first of them. The upper bound of
 * a run is then found between two that were tried.
 */
export function runs(tried: readonly number[], takes: (value: number) => boolean): Run[] {
  const found: Run[] = [];
  let before: number | null = null;
  for (const value of tried) {
    const last = found.at(-1);
    if (takes(value)) {
      const joins = last !== undefined && last.to === before &&
        (value === before + 1 || takes(before + 1));
      if (joins) found[found.length - 1] = { ...last, to: value };
      else found.push({ from: value, to: value });
    } else if (last !== undefined && last.to === before && takes(before + 1)) {
      found[found.length - 1] = { ...last, to: lastTaken(last.to, value, takes) };
    }
    before = value;
  }
  return found;
}

/** The last that is taken, where `taken` and the one after it are, below `refused`. */
function lastTaken(taken: number, refused: number, takes: (value: number) => boolean): number {
  let low = taken + 1; // which was just tried
  let high = refused;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (takes(middle)) low = middle;
    else high = middle;
  }
  return low;
}
