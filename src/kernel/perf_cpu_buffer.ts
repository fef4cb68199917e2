// One CPU's perf event with its buffer: the target of bpf_perf_event_output on that CPU.
import { errno } from "../../ffi/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import { perf_event_attr, perf_event_mmap_page } from "../../ffi/layouts/perf_event.ts";
import { libc } from "../../ffi/library.ts";
import { Mapping, pageBytes } from "../../ffi/mapping.ts";
import { Struct } from "../../ffi/struct.ts";
import { systemCall } from "../../ffi/syscalls.ts";
import type { Drain, RingViews } from "./drain.ts";
import { type PerfDrainState, perfViews } from "./perf_drain.ts";

const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_BPF_OUTPUT = 10;
const PERF_SAMPLE_RAW = 1 << 10;
const PERF_FLAG_FD_CLOEXEC = 8;
const PERF_EVENT_IOC_ENABLE = 0x2400n;
const headWord = perf_event_mmap_page.fields.data_head[0] / 8;
const tailWord = perf_event_mmap_page.fields.data_tail[0] / 8;

export class PerfCpuBuffer implements Disposable {
  readonly fd: number;
  readonly #owned: DisposableStack;
  readonly #control: BigUint64Array;
  readonly #views: RingViews;
  #position: bigint;

  private constructor(readonly cpu: number, fd: Fd, mapping: Mapping, owned: DisposableStack) {
    const page = pageBytes();
    this.fd = fd.number;
    this.#control = new BigUint64Array(mapping.buffer, 0, page / 8);
    this.#views = perfViews(mapping.buffer, page, mapping.buffer.byteLength - page);
    this.#position = Atomics.load(this.#control, tailWord);
    this.#owned = owned;
  }

  /**
   * Opens, maps and enables the event. `pages` is a power of two.
   * Answers a positive errno when the kernel refuses. @see perf_event_open(2)
   */
  static open(cpu: number, pages: number): PerfCpuBuffer | number {
    const attributes = new Struct(perf_event_attr)
      .set("type", PERF_TYPE_SOFTWARE)
      .set("size", perf_event_attr.size)
      .set("config", PERF_COUNT_SW_BPF_OUTPUT)
      .set("sample_period", 1)
      .set("sample_type", PERF_SAMPLE_RAW)
      .set("wakeup_events", 1);
    const number = systemCall(
      "perf_event_open",
      attributes.bytes,
      -1,
      cpu,
      -1,
      PERF_FLAG_FD_CLOEXEC,
    );
    if (number < 0) return errno();
    using owned = new DisposableStack();
    const fd = owned.use(new Fd(number));
    const mapping = Mapping.map(fd.number, (1 + pages) * pageBytes(), "read_write", 0);
    if (typeof mapping === "number") return mapping;
    owned.use(mapping);
    if (libc().ioctl_value(fd.number, PERF_EVENT_IOC_ENABLE, 0n) < 0) return errno();
    return new PerfCpuBuffer(cpu, fd, mapping, owned.move());
  }

  /** Bytes that wait to be read, headers included. */
  get available(): number {
    return Number(BigInt.asIntN(64, Atomics.load(this.#control, headWord) - this.#position));
  }

  /** As `RingBuffer.consume`; answers -1 when the kernel's position cannot be true. */
  consume<State extends PerfDrainState>(drain: Drain<State>, state: State): number {
    const head = Atomics.load(this.#control, headWord);
    const available = Number(BigInt.asIntN(64, head - this.#position));
    if (available === 0) return 0;
    if (available < 0 || available > this.#views.size) return -1;
    state.cpu = this.cpu;
    const offset = Number(this.#position & BigInt(this.#views.size - 1));
    const walked = drain(this.#views, offset, available, state);
    this.#position += BigInt(walked);
    Atomics.store(this.#control, tailWord, this.#position);
    return state.corruptAt >= 0 ? -1 : walked;
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
