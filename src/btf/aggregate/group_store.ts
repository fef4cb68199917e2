// Groups by their keys, and what is counted for each: typed arrays that grow up to a bound. A key
// is a run of 32-bit words; the words of all keys lie one after the other.
import { PAGE } from "./log_linear.ts";

/** The group of all events that found no room in a group of their own. */
export const OTHER = 0;

/** What a store holds for each group. */
export interface GroupShape {
  /** The doubles of a new group; the first counts its events. */
  readonly initial: Float64Array;
  /** Pages of counters that a group may have. */
  readonly pages: number;
  /** Bytes of values that are kept as they came. */
  readonly keptBytes: number;
}

/** No group is made once half of the pages are taken: the rest is for those there are. */
export interface StoreLimits {
  readonly groups: number;
  /** What all groups take, their keys and counters left out: many columns, fewer groups. */
  readonly groupBytes: number;
  /** Words of all keys. */
  readonly keyWords: number;
  /** Pages of counters of all groups. */
  readonly pages: number;
}

/** At most 16 MB of groups, 2 MB of keys and 16 MB of counters. */
export const store_limits: StoreLimits = {
  groups: 10_000,
  groupBytes: 16 << 20,
  keyWords: 1 << 19,
  pages: 1 << 16,
};

/** Longest key, in words. */
const longestKey = 2048;
const firstGroups = 64;
const firstKeyWords = 1024;
const firstPages = 64;
/** What a counter cannot hold. */
const fullCounter = 2 ** 32;

export class GroupStore {
  /** Where `find` takes a key from. */
  readonly key = new Int32Array(longestKey);
  /** By group, `stride` each. */
  values: Float64Array<ArrayBuffer> = new Float64Array();
  /** Numbers of pages by group, `pageStride` each; 0 where there is none yet. */
  pageNumbers: Int32Array<ArrayBuffer> = new Int32Array();
  /** Counters by page. Page 0 takes what found no room. */
  counters: Uint32Array<ArrayBuffer> = new Uint32Array();
  /** By group, `keptStride` each. */
  kept: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly stride: number;
  readonly pageStride: number;
  readonly keptStride: number;
  readonly #shape: GroupShape;
  readonly #limits: StoreLimits;
  readonly #mostGroups: number;
  readonly #seed: number;
  #slots: Int32Array<ArrayBuffer> = new Int32Array();
  #hashes: Int32Array<ArrayBuffer> = new Int32Array();
  /** Where the key of a group begins: its length, then its words. */
  #keyAt: Int32Array<ArrayBuffer> = new Int32Array();
  #keys: Int32Array<ArrayBuffer> = new Int32Array();
  #keysEnd = 0;
  #groups = 0;
  #pages = 0;
  #unplaced = 0;

  /** @param seed makes it hard to choose keys that collide */
  constructor(shape: GroupShape, limits: StoreLimits, seed: number) {
    this.#shape = shape;
    this.#limits = limits;
    this.#seed = seed;
    this.stride = shape.initial.length;
    this.pageStride = shape.pages;
    this.keptStride = shape.keptBytes;
    const bytes = this.stride * 8 + this.pageStride * 4 + this.keptStride;
    this.#mostGroups = Math.min(limits.groups, Math.floor(limits.groupBytes / bytes));
    this.clear();
  }

  /** Forgets everything and gives back what it took. */
  clear(): void {
    this.#slots = new Int32Array(4 * firstGroups);
    this.#keys = new Int32Array(firstKeyWords);
    this.#hashes = new Int32Array(firstGroups);
    this.#keyAt = new Int32Array(firstGroups);
    this.values = new Float64Array(firstGroups * this.stride);
    this.pageNumbers = new Int32Array(firstGroups * this.pageStride);
    this.kept = new Uint8Array(firstGroups * this.keptStride);
    this.counters = new Uint32Array(this.pageStride === 0 ? 0 : firstPages * PAGE);
    this.#keysEnd = this.#unplaced = 0;
    this.#pages = 1;
    this.#groups = 1;
    this.values.set(this.#shape.initial, OTHER);
  }

  #resize(groups: number): void {
    this.#hashes = new Int32Array(this.#hashes.buffer.transfer(groups * 4));
    this.#keyAt = new Int32Array(this.#keyAt.buffer.transfer(groups * 4));
    this.values = new Float64Array(this.values.buffer.transfer(groups * this.stride * 8));
    const pages = groups * this.pageStride;
    this.pageNumbers = new Int32Array(this.pageNumbers.buffer.transfer(pages * 4));
    this.kept = new Uint8Array(this.kept.buffer.transfer(groups * this.keptStride));
  }

  /** Groups there are, that of the others included: their numbers are 0 up to here. */
  get groups(): number {
    return this.#groups;
  }

  /** Values that found no page, or no room in a counter. */
  get unplaced(): number {
    return this.#unplaced;
  }

  /** The group of the first `length` words of `key`; `OTHER` when there is no room for it. */
  find(length: number): number {
    const { key } = this;
    if (length > key.length) return OTHER;
    let hash = this.#seed;
    for (let at = 0; at < length; at++) {
      hash = Math.imul(hash ^ key[at], 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const group = slots[slot];
      if (group === 0) return this.#insert(slot, hash, length);
      if (this.#hashes[group] === hash && this.#isKeyOf(group, length)) return group;
    }
  }

  #isKeyOf(group: number, length: number): boolean {
    const keys = this.#keys;
    const { key } = this;
    let at = this.#keyAt[group];
    if (keys[at++] !== length) return false;
    for (let index = 0; index < length; index++) if (keys[at++] !== key[index]) return false;
    return true;
  }

  #insert(slot: number, hash: number, length: number): number {
    const group = this.#groups;
    if (group > this.#mostGroups || 2 * this.#pages > this.#limits.pages) return OTHER;
    const keysEnd = this.#keysEnd + 1 + length;
    if (keysEnd > this.#limits.keyWords) return OTHER;
    if (keysEnd > this.#keys.length) {
      const words = Math.max(keysEnd, 2 * this.#keys.length);
      this.#keys = new Int32Array(this.#keys.buffer.transfer(words * 4));
    }
    if (group === this.#keyAt.length) this.#resize(2 * group);
    this.#keys[this.#keysEnd] = length;
    this.#keys.set(this.key.subarray(0, length), this.#keysEnd + 1);
    this.#keyAt[group] = this.#keysEnd;
    this.#hashes[group] = hash;
    this.#slots[slot] = group;
    this.#keysEnd = keysEnd;
    this.#groups++;
    this.values.set(this.#shape.initial, group * this.stride);
    if (2 * this.#groups > this.#slots.length) this.#rehash();
    return group;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let group = 1; group < this.#groups; group++) {
      let slot = this.#hashes[group] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = group;
    }
    this.#slots = slots;
  }

  /** The words of a group's key; not of `OTHER`, which has none. */
  keyOf(group: number): Int32Array {
    const at = this.#keyAt[group];
    return this.#keys.subarray(at + 1, at + 1 + this.#keys[at]);
  }

  /** Adds one to counter `bucket` of those that begin at page `first` of a group. */
  place(group: number, first: number, bucket: number): void {
    const index = group * this.pageStride + first + (bucket >> 6);
    const page = this.pageNumbers[index];
    const at = ((page === 0 ? this.#newPage(index) : page) << 6) + (bucket & 63);
    if (++this.counters[at] === fullCounter) {
      this.counters[at] = fullCounter - 1;
      this.#unplaced++;
    }
  }

  #newPage(index: number): number {
    if (this.#pages === this.#limits.pages) {
      this.#unplaced++;
      return 0;
    }
    const page = this.#pages++;
    const end = this.#pages * PAGE;
    if (end > this.counters.length) {
      this.counters = new Uint32Array(this.counters.buffer.transfer(this.counters.byteLength * 2));
    }
    this.pageNumbers[index] = page;
    return page;
  }

  /** Where the counters of page `page` of a group begin; -1 when nothing was counted there. */
  pageAt(group: number, page: number): number {
    const number = this.pageNumbers[group * this.pageStride + page];
    return number === 0 ? -1 : number * PAGE;
  }
}
