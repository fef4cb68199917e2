// A map of each type that the kernel takes, found by trying: sizes, flags, BTF and inner map. What
// a type wants is the kernel's to say, so that a type newer than this program is found as well.
import { Fd } from "../../../ffi/fd.ts";
import type { Attempts, MapAttempt } from "./attempt.ts";
import { integerBtf } from "./integer_btf.ts";
import { map_flags } from "./map_flags.ts";

const EPERM = 1;
const ENOMEM = 12;
const EINVAL = 22;
const ENFILE = 23;
const EMFILE = 24;
/** The kernel's own errno, which bpf(2) lets out. */
const ENOTSUPP = 524;

/** After these another size or flag would change nothing. */
const conclusive: ReadonlySet<number> = new Set([EPERM, ENOMEM, ENFILE, EMFILE]);

/** The first that the kernel takes is the shape: common and small ones first. Sizes in bytes. */
const keySizes = [4, 8, 0, 16];
const valueSizes = [4, 8, 0, 16];
/** The last two are for rings: a power of two and whole pages, of 4 or of 64 KiB. */
const entryCounts = [1, 0, 4096, 65_536];
const flagSets = [0, map_flags.BPF_F_NO_PREALLOC, map_flags.BPF_F_MMAPABLE];

/** The type with the fewest wishes, to put into maps of maps. */
const ARRAY = 2;

export interface MapShape {
  readonly attempt: MapAttempt;
  readonly needsBtf: boolean;
  readonly needsInnerMap: boolean;
}

/** What attempts may refer to: a map and BTF of our own, open while they are used. */
export class MapMaterial implements Disposable {
  readonly #attempts: Attempts;
  readonly #inner: Fd | number;
  readonly #btf: Fd | number;

  constructor(attempts: Attempts) {
    this.#attempts = attempts;
    this.#inner = attempts.openMap({
      type: ARRAY,
      keyBytes: 4,
      valueBytes: 4,
      maxEntries: 1,
      flags: 0,
    });
    this.#btf = attempts.openBtf(integerBtf());
  }

  /**
   * The first shape of a type that the kernel takes, or the errno that stands for its refusal;
   * `operations` for maps of a kernel struct's operations, of which none is made.
   */
  find(type: number): MapShape | "operations" | number {
    let refusal = EINVAL;
    for (const shape of this.#candidates(type)) {
      const errno = this.#attempts.create(shape.attempt);
      if (errno === 0) return shape;
      if (conclusive.has(errno)) return errno;
      if (errno !== EINVAL) refusal = errno;
    }
    if (refusal !== EINVAL) return refusal;
    // what it may want could not be made: not its fault
    for (const wanted of [this.#btf, this.#inner]) if (typeof wanted === "number") return wanted;
    return this.#isOfOperations(type) ? "operations" : refusal;
  }

  /** Whether a map of this shape may be put into a map of maps. */
  canBeInner(shape: MapShape, outer: MapShape): boolean {
    const inner = this.#attempts.openMap(shape.attempt);
    if (typeof inner === "number") return false;
    using held = inner;
    return this.#attempts.create({ ...outer.attempt, innerMapFd: held.number }) === 0;
  }

  *#candidates(type: number): Generator<MapShape> {
    const plain = { needsBtf: false, needsInnerMap: false };
    for (const attempt of sizes(type)) yield { ...plain, attempt };
    if (this.#btf instanceof Fd) {
      const btf = { fd: this.#btf.number, keyType: 1, valueType: 1 };
      for (const attempt of sizes(type)) {
        if (attempt.keyBytes !== 4 || attempt.valueBytes !== 4) continue;
        yield { ...plain, needsBtf: true, attempt: { ...attempt, btf } };
      }
    }
    if (this.#inner instanceof Fd) {
      const innerMapFd = this.#inner.number;
      const attempt = { type, keyBytes: 4, valueBytes: 4, maxEntries: 1, flags: 0, innerMapFd };
      yield { ...plain, needsInnerMap: true, attempt };
    }
  }

  /**
   * Asks for operations of a type that is no such struct: the kernel says ENOTSUPP where it has
   * such maps, and EINVAL where not. Not for a real one: freeing it waits for every task of the
   * system, which takes seconds, and its BTF is there all that time.
   */
  #isOfOperations(type: number): boolean {
    if (!(this.#btf instanceof Fd)) return false;
    const btf = { fd: this.#btf.number, keyType: 0, valueType: 0 }; // has to be, for nothing
    const entry = { keyBytes: 4, valueBytes: 4, maxEntries: 1, flags: 0 };
    return this.#attempts.create({ type, ...entry, btf, vmlinuxValueType: 1 }) === ENOTSUPP;
  }

  [Symbol.dispose](): void {
    if (this.#inner instanceof Fd) this.#inner[Symbol.dispose]();
    if (this.#btf instanceof Fd) this.#btf[Symbol.dispose]();
  }
}

function* sizes(type: number): Generator<MapAttempt> {
  for (const flags of flagSets) {
    for (const maxEntries of entryCounts) {
      for (const keyBytes of keySizes) {
        for (const valueBytes of valueSizes) {
          yield { type, keyBytes, valueBytes, maxEntries, flags };
        }
      }
    }
  }
}
