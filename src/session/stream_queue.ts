// Records that wait to be read: copied raw into one ring of bytes, oldest first out. Nothing is
// decoded and no object is made until somebody reads.

export interface QueueLimits {
  /** Bytes of the queue, a multiple of 8; each record takes 8 more than its length, rounded up. */
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/** A record in the queue; valid until the next push or shift. */
export interface QueuedRecord {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
  /** Index of its event type; -1 when it has none. */
  readonly type: number;
  /** CPU whose buffer it came from; -1 when that is not known. */
  readonly cpu: number;
}

/** Two words before each record: its length, and (cpu + 1) << 8 | type + 1. */
const headerBytes = 8;
/** Up to this a loop over words is faster than a view and a call. */
const wordCopyBytes = 512;

/** Event types that the header has room for. */
export const mostEventTypes = 255;

export class StreamQueue {
  readonly #limits: QueueLimits;
  #words: Int32Array;
  #bytes: Uint8Array;
  #capacity: number;
  #head = 0;
  #tail = 0;
  /** Where the records end that precede those at the start; -1 when none do. */
  #end = -1;
  /** Bytes from head to tail, skipped ones at the end included. */
  #used = 0;
  #count = 0;
  #dropped = 0;

  constructor(limits: QueueLimits) {
    const buffer = new ArrayBuffer(limits.maxBytes);
    this.#limits = limits;
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#capacity = limits.maxBytes;
  }

  /** Records that wait. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the queue, used or not. */
  get memoryBytes(): number {
    return this.#bytes.length;
  }

  /** Records that fell out unread because newer ones needed the room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Copies `length` bytes from 32-bit word `word` of `source`; up to 3 bytes more are read. */
  push(source: Int32Array, word: number, length: number, type: number, cpu: number): void {
    const slot = headerBytes + ((length + 7) & ~7);
    const fits = this.#used + slot <= this.#capacity && this.#tail + slot <= this.#capacity;
    if (!fits || this.#count >= this.#limits.maxEvents) {
      if (!this.#makeRoom(slot)) return;
    }
    const words = this.#words;
    let to = this.#tail >> 2;
    words[to] = length;
    words[to + 1] = ((cpu + 1) << 8) | (type + 1);
    to += 2;
    if (length <= wordCopyBytes) {
      for (let left = (length + 3) >> 2; left > 0; left--) words[to++] = source[word++];
    } else {
      const from = source.byteOffset + word * 4;
      this.#bytes.set(new Uint8Array(source.buffer, from, length), to << 2);
    }
    this.#tail += slot;
    this.#used += slot;
    this.#count++;
  }

  /** The oldest record; null when there is none. */
  first(): QueuedRecord | null {
    if (this.#count === 0) return null;
    const word = this.#head >> 2;
    const marks = this.#words[word + 1];
    return {
      bytes: this.#bytes,
      offset: this.#head + headerBytes,
      length: this.#words[word],
      type: (marks & 0xff) - 1,
      cpu: (marks >> 8) - 1,
    };
  }

  /** Takes the oldest record out. */
  shift(): void {
    if (this.#count === 0) return;
    const slot = headerBytes + ((this.#words[this.#head >> 2] + 7) & ~7);
    this.#head += slot;
    this.#used -= slot;
    this.#count--;
    this.#skipWrap();
  }

  /** Takes all records out; none counts as dropped. */
  clear(): void {
    this.#head =
      this.#tail =
      this.#used =
      this.#count =
        0;
    this.#end = -1;
  }

  /** As if nothing had been pushed. */
  forget(): void {
    this.clear();
    this.#dropped = 0;
  }

  /** Gives back what the waiting records do not need. Nothing may be pushed afterwards. */
  shrink(): void {
    const older = this.#bytes.subarray(this.#head, this.#end < 0 ? this.#tail : this.#end);
    const newer = this.#bytes.subarray(0, this.#end < 0 ? 0 : this.#tail);
    const bytes = new Uint8Array(older.length + newer.length);
    bytes.set(older);
    bytes.set(newer, older.length);
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer);
    this.#capacity = this.#used = this.#tail = bytes.length;
    this.#head = 0;
    this.#end = -1;
  }

  /** Drops the oldest until `slot` bytes fit in one piece. False when they never would. */
  #makeRoom(slot: number): boolean {
    if (slot > this.#capacity) {
      this.#dropped++;
      return false;
    }
    while (this.#count >= this.#limits.maxEvents) this.#drop();
    if (this.#tail + slot > this.#capacity) this.#wrap();
    while (this.#used + slot > this.#capacity) this.#drop();
    return true;
  }

  #wrap(): void {
    const rest = this.#capacity - this.#tail;
    while (this.#used + rest > this.#capacity) this.#drop();
    if (this.#count === 0) return this.#reset();
    this.#end = this.#tail;
    this.#used += rest;
    this.#tail = 0;
  }

  #drop(): void {
    this.shift();
    this.#dropped++;
  }

  #skipWrap(): void {
    if (this.#count === 0) return this.#reset();
    if (this.#head !== this.#end) return;
    this.#used -= this.#capacity - this.#end;
    this.#head = 0;
    this.#end = -1;
  }

  #reset(): void {
    this.#head = this.#tail = this.#used = 0;
    this.#end = -1;
  }
}
