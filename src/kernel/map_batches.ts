// Walking a map's elements: in batches where the kernel has them for this map type, else key by
// key. Both give the same rows in the same buffers, so that one decoder serves both.
import { libbpf } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { kernelError } from "../errors.ts";
import type { BpfMap } from "./bpf_map.ts";

const EPERM = 1;
const ENOENT = 2;
const EINVAL = 22;
const ENOSPC = 28;
const EOPNOTSUPP = 95;
const ENOTSUPP = 524;

/** A hash bucket must fit into a batch; buckets of well-sized maps hold a handful. */
const SMALLEST_BATCH = 64;
const MOST_BUFFER_BYTES = 64 << 20;

/** Where a walk stands: the kernel's batch token, or the last key seen. Opaque bytes. */
export type MapPosition = Uint8Array<ArrayBuffer>;

export class MapBatches {
  /** Keys of the current batch, one after another. */
  keys: Uint8Array<ArrayBuffer>;
  /** Elements of the current batch, `elementBytes` apart. */
  values: Uint8Array<ArrayBuffer>;
  /** Position before the current batch; null at the map's start. */
  before: MapPosition | null;
  /** How the map is walked. */
  readonly #map: BpfMap;
  readonly #count = new Uint32Array(new ArrayBuffer(72));
  #capacity: number;
  #next: MapPosition | null;
  #byKey: boolean;
  #done = false;

  /** @param position from an earlier walk of the same map and mode; null for the start */
  constructor(
    map: BpfMap,
    capacity: number,
    mode: "batch" | "by_key",
    position: MapPosition | null,
  ) {
    this.#map = map;
    this.#capacity = Math.max(capacity, SMALLEST_BATCH);
    this.keys = fixedBytes(this.#capacity * map.info.keyBytes);
    this.values = fixedBytes(this.#capacity * map.elementBytes);
    this.before = position;
    this.#next = position;
    this.#byKey = mode === "by_key";
  }

  get mode(): "batch" | "by_key" {
    return this.#byKey ? "by_key" : "batch";
  }

  /**
   * Reads the next batch and answers how many elements it has; 0 at the end.
   * @throws map_read_failed with the errno
   * @since Linux 5.6 in batches
   */
  next(): number {
    if (this.#done) return 0;
    this.before = this.#next;
    return this.#byKey ? this.#walk() : this.#batch();
  }

  #batch(): number {
    const { fd, name } = this.#map;
    const out = fixedBytes(Math.max(this.#map.info.keyBytes, 4));
    for (;;) {
      this.#count[0] = this.#capacity;
      const { keys, values } = this;
      const answer = libbpf().bpf_map_lookup_batch(
        fd,
        this.#next,
        out,
        keys,
        values,
        this.#count,
        null,
      );
      if (answer === 0 || answer === -ENOENT) {
        this.#next = out;
        this.#done = answer === -ENOENT;
        return this.#count[0];
      }
      if (answer === -ENOSPC && this.#grow()) continue;
      const unsupported = [EOPNOTSUPP, ENOTSUPP, EINVAL].includes(-answer);
      if (!unsupported || this.#next !== null) throw readError(name, -answer);
      this.#byKey = true;
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
    let count = 0;
    const key = fixedBytes(keyBytes);
    const value = fixedBytes(elementBytes);
    while (count < this.#capacity) {
      const answer = libbpf().bpf_map_get_next_key(fd, this.#next, key);
      if (answer === -ENOENT) {
        this.#done = true;
        return count;
      }
      if (answer < 0) throw readError(name, -answer);
      this.#next = key.slice();
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

function readError(name: string, failure: number): Error {
  return kernelError("map_read_failed", `Cannot read map "${name}"`, failure, {
    hint: failure === EPERM ? "the map was made write-only for user space" : "see the errno",
  });
}
