// Walking a map's elements: in batches where the kernel has them for this map type, else key by
// key. Both give the same rows in the same buffers, so that one decoder serves both.
import { libbpf } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { type EBPFError, kernelError } from "../errors.ts";
import { type BpfMap, mapType } from "./bpf_map.ts";

const EPERM = 1;
const ENOENT = 2;
const EINVAL = 22;
const ENOSPC = 28;
const EOPNOTSUPP = 95;
const ENOTSUPP = 524;

/** A hash bucket must fit into a batch; buckets of well-sized maps hold a handful. */
const SMALLEST_BATCH = 64;
/** Keys and elements of one batch; a single element may be larger. */
const MOST_BUFFER_BYTES = 16 << 20;
/** Keys that one step of a walk looks at, found or not: 2 µs each. */
const MOST_KEYS_PER_STEP = 2048;

/** Their batch token is a bucket's number; that of other types is a key. */
const hashes = ["hash", "percpu_hash", "lru_hash", "lru_percpu_hash", "hash_of_maps"] as const;
const BUCKET_BYTES = 4;

export type WalkMode = "batch" | "by_key";

/** Where a walk stands: the kernel's batch token, or the last key seen. Opaque bytes. */
export type MapPosition = Uint8Array<ArrayBuffer>;

export class MapBatches {
  /** Keys of the current batch, one after another. */
  keys: Uint8Array<ArrayBuffer>;
  /** Elements of the current batch, `elementBytes` apart. */
  values: Uint8Array<ArrayBuffer>;
  /** Position before the current batch; null at the map's start. */
  before: MapPosition | null;
  readonly #map: BpfMap;
  readonly #count = new Uint32Array(new ArrayBuffer(72));
  #capacity: number;
  #next: MapPosition | null;
  #mode: WalkMode;
  #done = false;

  /** @param position from an earlier walk of the same map and mode; null for the start */
  constructor(map: BpfMap, capacity: number, mode: WalkMode, position: MapPosition | null) {
    const wanted = Math.max(capacity, SMALLEST_BATCH);
    const row = Math.max(1, map.info.keyBytes + map.elementBytes);
    this.#map = map;
    this.#capacity = Math.max(1, Math.min(wanted, Math.floor(MOST_BUFFER_BYTES / row)));
    this.keys = fixedBytes(this.#capacity * map.info.keyBytes);
    this.values = fixedBytes(this.#capacity * map.elementBytes);
    this.before = position;
    this.#next = position;
    this.#mode = mode;
  }

  /** How the map is walked; known once the first batch was read. */
  get mode(): WalkMode {
    return this.#mode;
  }

  /**
   * Reads the next batch and answers how many elements it has: 0 where a step found only empty
   * slots, null at the end.
   * @throws map_read_failed with the errno
   * @since Linux 5.6 in batches
   */
  next(): number | null {
    if (this.#done) return null;
    this.before = this.#next;
    return this.#mode === "by_key" ? this.#walk() : this.#batch();
  }

  #batch(): number | null {
    const out = fixedBytes(positionBytes(this.#map, "batch"));
    for (;;) {
      this.#count[0] = this.#capacity;
      const { keys, values } = this;
      const { fd, name } = this.#map;
      const batch = [keys, values, this.#count, null] as const;
      const answer = libbpf().bpf_map_lookup_batch(fd, this.#next, out, ...batch);
      if (answer === 0 || answer === -ENOENT) {
        this.#next = out;
        this.#done = answer === -ENOENT;
        return this.#count[0];
      }
      if (answer === -ENOSPC && this.#grow()) continue;
      const unsupported = [EOPNOTSUPP, ENOTSUPP, EINVAL, ENOSPC].includes(-answer);
      if (!unsupported || this.#next !== null) throw readError(name, -answer);
      this.#mode = "by_key";
      return this.#walk();
    }
  }

  /** A bucket has more elements than the batch has room for. */
  #grow(): boolean {
    const { keyBytes } = this.#map.info;
    const capacity = this.#capacity * 2;
    if (capacity * (keyBytes + this.#map.elementBytes) > MOST_BUFFER_BYTES) return false;
    this.#capacity = capacity;
    this.keys = fixedBytes(capacity * keyBytes);
    this.values = fixedBytes(capacity * this.#map.elementBytes);
    return true;
  }

  #walk(): number {
    const { fd, name, elementBytes, info: { keyBytes } } = this.#map;
    const value = fixedBytes(elementBytes);
    let count = 0;
    for (let looks = 0; looks < MOST_KEYS_PER_STEP && count < this.#capacity; looks++) {
      const key = fixedBytes(keyBytes);
      const answer = libbpf().bpf_map_get_next_key(fd, this.#next, key);
      if (answer === -ENOENT) {
        this.#done = true;
        return count;
      }
      if (answer < 0) throw readError(name, -answer);
      this.#next = key;
      const found = libbpf().bpf_map_lookup_elem(fd, key, value);
      if (found === -ENOENT) continue; // deleted meanwhile, or an empty slot
      if (found < 0) throw readError(name, -found);
      this.keys.set(key, count * keyBytes);
      this.values.set(value, count * elementBytes);
      count++;
    }
    return count;
  }
}

/** Bytes of a position of this map. */
export function positionBytes({ info }: BpfMap, mode: WalkMode): number {
  if (mode === "by_key") return info.keyBytes;
  const isHash = hashes.some((name) => mapType(name) === info.type);
  return isHash ? BUCKET_BYTES : Math.max(info.keyBytes, BUCKET_BYTES);
}

function readError(name: string, failure: number): EBPFError {
  return kernelError("map_read_failed", `Cannot read map "${name}"`, failure, {
    hint: failure === EPERM ? "the map was made write-only for user space" : "see the errno",
  });
}
