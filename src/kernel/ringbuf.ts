// Reader of a BPF ring buffer through its mmapped pages: no system call and no callback per event.
import { Fd } from "../../ffi/fd.ts";
import { Mapping, pageBytes, type Protection } from "../../ffi/mapping.ts";
import { EBPFError, kernelError, resourceError } from "../errors.ts";
import { type Drain, type DrainState, type RingViews, ringViews } from "./drain.ts";

/** Offsets are 32-bit signed words in the compiled loops, over a data area that is mapped twice. */
const largestRing = 512 * 1024 * 1024;

/** Looks at a ring that keeps moving before a snapshot gives up. */
const snapshotAttempts = 5;

/**
 * A ring buffer map (BPF_MAP_TYPE_RINGBUF) as one reader sees it.
 * @since Linux 5.8 @see Documentation/bpf/ringbuf.rst
 */
export class RingBuffer implements Disposable {
  /** Our own descriptor of the map, for epoll: it closes when this object does. */
  readonly fds: readonly number[];
  readonly #owned: DisposableStack;
  readonly #consumer: BigUint64Array;
  readonly #producer: BigUint64Array;
  readonly #views: RingViews;
  readonly #writable: boolean;
  #position: bigint;
  #displaced = false;
  #closed = false;

  private constructor(
    readonly name: string,
    size: number,
    fd: Fd,
    consumer: Mapping,
    producer: Mapping,
    writable: boolean,
    owned: DisposableStack,
  ) {
    this.fds = [fd.number];
    this.#consumer = new BigUint64Array(consumer.buffer, 0, 1);
    this.#producer = new BigUint64Array(producer.buffer, 0, 1);
    this.#views = ringViews(producer.buffer, pageBytes(), size);
    this.#writable = writable;
    this.#position = Atomics.load(this.#consumer, 0);
    this.#owned = owned;
  }

  /**
   * Maps a ring for reading: what is drained is gone for every other reader.
   * @param mapFd stays the caller's
   * @param maxEntries the map's `max_entries`: bytes in its data area
   * @throws kernel/ring_open_failed with mmap's errno; resource/limit_exceeded above 512 MiB
   */
  static open(mapFd: number, maxEntries: number, name: string): RingBuffer {
    return RingBuffer.#map(mapFd, maxEntries, name, "read_write");
  }

  /** Maps a ring read-only, for `snapshot`. @throws as `open` does */
  static openForSnapshot(mapFd: number, maxEntries: number, name: string): RingBuffer {
    return RingBuffer.#map(mapFd, maxEntries, name, "read");
  }

  static #map(mapFd: number, size: number, name: string, consumer: Protection): RingBuffer {
    if (size > largestRing) {
      throw resourceError(
        "limit_exceeded",
        `Cannot read ring buffer "${name}": it has ${size} bytes, we read up to ${largestRing}`,
      );
    }
    using owned = new DisposableStack();
    const fd = Fd.duplicate(mapFd);
    if (typeof fd === "number") throw openFailed(name, fd);
    owned.use(fd);
    const page = pageBytes();
    const consumerPage = Mapping.map(fd.number, page, consumer, 0);
    if (typeof consumerPage === "number") throw openFailed(name, consumerPage);
    owned.use(consumerPage);
    const rest = Mapping.map(fd.number, page + 2 * size, "read", page);
    if (typeof rest === "number") throw openFailed(name, rest);
    owned.use(rest);
    const writable = consumer === "read_write";
    return new RingBuffer(name, size, fd, consumerPage, rest, writable, owned.move());
  }

  /** True once somebody else was seen to move the reader's position: events went to them. */
  get displaced(): boolean {
    return this.#displaced;
  }

  /** Bytes that wait to be read, headers included. */
  get available(): number {
    if (this.#closed) return 0;
    return Number(BigInt.asIntN(64, Atomics.load(this.#producer, 0) - this.#position));
  }

  /**
   * Passes committed records to `drain` until there are none or `state.room` is used up, and frees
   * their space. Answers the bytes that were freed. A producer that outruns us ends the call after
   * two rounds of the ring, so that the event loop goes on; look again soon when it is not 0.
   *
   * No lost wake-up: the kernel wakes a reader only when the position that it stored equals the
   * record's, so after each store the producer is looked at again.
   * @throws kernel/ring_corrupt when a header cannot be true; the ring gives nothing afterwards
   */
  consume<State extends DrainState>(drain: Drain<State>, state: State): number {
    if (this.#closed || !this.#writable) return 0;
    this.#resync();
    let freed = 0;
    while (state.room > 0 && freed < 2 * this.#views.size) {
      const available = this.#checkedAvailable();
      if (available === 0) break;
      const walked = this.#walk(drain, state, available);
      if (walked > 0) {
        this.#position += BigInt(walked);
        Atomics.store(this.#consumer, 0, this.#position);
        freed += walked;
      }
      if (state.corruptAt >= 0) throw this.#corrupt(`the header at byte ${state.corruptAt}`);
      if (walked === 0) break;
    }
    return freed;
  }

  /**
   * Passes what is in the ring to `drain` and takes nothing. Whoever owns the ring may free and
   * refill it meanwhile: then `restart` is called and it is read anew. False when it never stood
   * still long enough; nothing that was passed on may be used then.
   * @throws kernel/ring_corrupt when a header cannot be true
   */
  snapshot<State extends DrainState>(drain: Drain<State>, restart: () => State): boolean {
    for (let attempt = 0; attempt < snapshotAttempts; attempt++) {
      const state = restart();
      this.#position = Atomics.load(this.#consumer, 0);
      const available = Number(Atomics.load(this.#producer, 0) - this.#position);
      const plausible = available >= 0 && available <= this.#views.size;
      if (plausible) this.#walkAll(drain, state, available);
      const end = Atomics.load(this.#producer, 0);
      const intact = end - this.#position <= BigInt(this.#views.size); // nothing was overwritten
      if (!intact || !plausible) continue;
      if (state.corruptAt >= 0) throw this.#corrupt(`the header at byte ${state.corruptAt}`);
      return true;
    }
    return false;
  }

  #walk<State extends DrainState>(drain: Drain<State>, state: State, available: number): number {
    const offset = Number(this.#position & BigInt(this.#views.size - 1));
    return drain(this.#views, offset, available, state);
  }

  /** Walks on from stretch to stretch, and leaves the position where it is. */
  #walkAll<State extends DrainState>(drain: Drain<State>, state: State, available: number): void {
    const mask = this.#views.size - 1;
    let offset = Number(this.#position & BigInt(mask));
    while (available > 0 && state.corruptAt < 0) {
      const walked = drain(this.#views, offset, available, state);
      if (walked === 0) break;
      offset = (offset + walked) & mask;
      available -= walked;
    }
  }

  /** Follows a position that somebody else stored: theirs is the kernel's truth. */
  #resync(): void {
    const stored = Atomics.load(this.#consumer, 0);
    if (stored === this.#position) return;
    this.#displaced = true;
    this.#position = stored;
  }

  #checkedAvailable(): number {
    const available = this.available;
    if (available >= 0 && available <= this.#views.size) return available;
    throw this.#corrupt(`${available} bytes wait in ${this.#views.size}`);
  }

  #corrupt(found: string): EBPFError {
    this[Symbol.dispose]();
    return new EBPFError(
      "kernel",
      "ring_corrupt",
      `Cannot go on reading ring buffer "${this.name}": ${found} cannot be true`,
      { hint: "Another process may be moving the ring's reader position; reload the program" },
    );
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#owned.dispose();
  }
}

function openFailed(name: string, errno: number): EBPFError {
  return kernelError("ring_open_failed", `Cannot map ring buffer "${name}"`, errno, { name });
}
