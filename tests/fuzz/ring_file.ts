// A ring buffer's memory without a kernel behind it: a file in memory, laid out as the kernel maps
// a ring, that we may write to while it is read.
import { Fd } from "../../ffi/fd.ts";
import { libc } from "../../ffi/library.ts";
import { Mapping, pageBytes } from "../../ffi/mapping.ts";
import { cString } from "../../ffi/memory.ts";

const RECORD_HEADER_BYTES = 8;

/** Consumer page, producer page, then the data twice: here the two are copies, kept equal by us. */
export class RingFile implements Disposable {
  readonly fd: number;
  readonly #owned: DisposableStack;
  readonly #consumer: BigUint64Array;
  readonly #producer: BigUint64Array;
  readonly #data: Uint8Array;
  readonly #view: DataView;

  /** @param size bytes of data, a power of two and whole pages */
  constructor(readonly size: number) {
    using owned = new DisposableStack();
    const page = pageBytes();
    const total = 2 * page + 2 * size;
    const file = owned.use(new Fd(libc().memfd_create(cString("fuzz-ring"), 1)));
    libc().write(file.number, new Uint8Array(total), BigInt(total));
    const mapping = Mapping.map(file.number, total, "read_write", 0);
    if (typeof mapping === "number") throw new TypeError(`mmap: errno ${mapping}`);
    owned.use(mapping);
    this.fd = file.number;
    this.#consumer = new BigUint64Array(mapping.buffer, 0, 1);
    this.#producer = new BigUint64Array(mapping.buffer, page, 1);
    this.#data = new Uint8Array(mapping.buffer, 2 * page, 2 * size);
    this.#view = new DataView(mapping.buffer, 2 * page, 2 * size);
    this.#owned = owned.move();
  }

  get consumer(): bigint {
    return this.#consumer[0];
  }

  set consumer(position: bigint) {
    this.#consumer[0] = position;
  }

  get producer(): bigint {
    return this.#producer[0];
  }

  set producer(position: bigint) {
    this.#producer[0] = position;
  }

  /** Both positions at `start`, the data filled with one byte. */
  reset(start: number, filler: number): void {
    this.#data.fill(filler);
    this.consumer = this.producer = BigInt(start);
  }

  /** Writes a word at a position, in both copies. */
  setWord(position: number, word: number): void {
    const at = position % this.size & ~3;
    this.#view.setUint32(at, word, true);
    this.#view.setUint32(at + this.size, word, true);
  }

  /** Puts a record's header at the producer's position and moves it; the payload stays as it is. */
  put(header: number): void {
    const position = Number(BigInt.asUintN(32, this.producer));
    this.setWord(position, header);
    const length = (header & 0x3fff_ffff) % this.size;
    this.producer += BigInt(RECORD_HEADER_BYTES + (length + 7 & ~7));
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
