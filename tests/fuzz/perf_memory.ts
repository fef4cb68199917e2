// A perf buffer's memory, as whoever writes it sees it: records at the head, in a ring of bytes.
import { perf_event_mmap_page } from "../../ffi/layouts/perf_event.ts";
import { Mapping, pageBytes } from "../../ffi/mapping.ts";

const HEADER_BYTES = 8;
const SAMPLE = 9;
const headWord = perf_event_mmap_page.fields.data_head[0] / 8;

/** The data area; the head counts bytes from its start and never turns back. */
export class PerfMemory {
  readonly size: number;
  readonly #view: DataView;
  /** Where the next record goes. */
  head: number;

  constructor(data: DataView, start: number) {
    this.#view = data;
    this.size = data.byteLength;
    this.head = start;
  }

  /** A record whose header says what the arguments say, and a sample's length behind it. */
  put(type: number, step: number, length: number): void {
    this.setWord(this.head, type);
    this.setWord(this.head + 4, step << 16);
    if (type === SAMPLE) this.setWord(this.head + HEADER_BYTES, length);
    this.head += step > 0 ? step : HEADER_BYTES;
  }

  setWord(position: number, word: number): void {
    this.#view.setUint32(position % this.size & ~3, word, true);
  }
}

/** The control page of a kernel's buffer, mapped a second time: its data nobody else can write. */
export class PerfControl implements Disposable {
  readonly #mapping: Mapping;
  readonly #words: BigUint64Array;

  /** @param pages of data; a buffer can only be mapped whole */
  constructor(fd: number, pages: number) {
    const page = pageBytes();
    const mapping = Mapping.map(fd, (1 + pages) * page, "read_write", 0);
    if (typeof mapping === "number") throw new TypeError(`mmap: errno ${mapping}`);
    this.#mapping = mapping;
    this.#words = new BigUint64Array(mapping.buffer, 0, page / 8);
  }

  get head(): bigint {
    return Atomics.load(this.#words, headWord);
  }

  /** Tells the reader where the head is; may be a lie. */
  set head(position: bigint) {
    Atomics.store(this.#words, headWord, position);
  }

  [Symbol.dispose](): void {
    this.#mapping[Symbol.dispose]();
  }
}
