// Reader of a perf event array: one buffer per online CPU, entered into the map.
import { Fd } from "../../ffi/fd.ts";
import { libbpf } from "../../ffi/library.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { EBPFError, kernelError } from "../errors.ts";
import { onlineCpus } from "./online_cpus.ts";
import type { Drain } from "./drain.ts";
import { PerfCpuBuffer } from "./perf_cpu_buffer.ts";
import type { PerfDrainState } from "./perf_drain.ts";

/** Per CPU: 256 KiB with 4 KiB pages, as libbpf's tools take. */
const pagesPerCpu = 64;

/** A producer that outruns us must not hold the event loop: 8 MiB are some milliseconds. */
const mostFreedAtOnce = 8 * 1024 * 1024;

/**
 * A perf event array (BPF_MAP_TYPE_PERF_EVENT_ARRAY) whose slots are ours while this lives.
 * @since Linux 4.4 @see perf_event_open(2)
 */
export class PerfBuffer implements Disposable {
  /** One descriptor per CPU, for epoll. */
  readonly fds: readonly number[];
  readonly #owned: DisposableStack;
  readonly #buffers: readonly PerfCpuBuffer[];

  private constructor(
    readonly name: string,
    buffers: readonly PerfCpuBuffer[],
    owned: DisposableStack,
  ) {
    this.fds = buffers.map((buffer) => buffer.fd);
    this.#buffers = buffers;
    this.#owned = owned;
  }

  /**
   * Opens a buffer per online CPU and enters them into the map.
   * @param mapFd stays the caller's
   * @param maxEntries the map's `max_entries`: CPUs from there on have no slot
   * @throws kernel/ring_open_failed with the errno of perf_event_open, mmap or the map update
   */
  static open(mapFd: number, maxEntries: number, name: string): PerfBuffer {
    using owned = new DisposableStack();
    const map = Fd.duplicate(mapFd);
    if (typeof map === "number") throw openFailed(name, "map", map);
    owned.use(map);
    const online = onlineCpus();
    const buffers: PerfCpuBuffer[] = [];
    for (const cpu of online.filter((number) => number < maxEntries)) {
      const buffer = PerfCpuBuffer.open(cpu, pagesPerCpu);
      if (typeof buffer === "number") throw openFailed(name, `CPU ${cpu}`, buffer);
      owned.use(buffer);
      const result = enter(map.number, cpu, buffer.fd);
      if (result < 0) throw openFailed(name, `slot ${cpu}`, -result);
      owned.defer(() => remove(map.number, cpu));
      buffers.push(buffer);
    }
    return new PerfBuffer(name, buffers, owned.move());
  }

  /** Bytes that wait to be read, headers included. */
  get available(): number {
    if (this.#owned.disposed) return 0;
    return this.#buffers.reduce((sum, buffer) => sum + buffer.available, 0);
  }

  /**
   * Passes samples of all CPUs to `drain` until there are none or `state.room` is used up, and
   * frees their space. Answers the bytes that were freed; look again soon when it is not 0.
   * @throws kernel/ring_corrupt when a record cannot be true; nothing is given afterwards
   */
  consume<State extends PerfDrainState>(drain: Drain<State>, state: State): number {
    let freed = 0;
    for (let moved = true; moved && state.room > 0 && freed < mostFreedAtOnce;) {
      moved = false;
      for (const buffer of this.#owned.disposed ? [] : this.#buffers) {
        const walked = buffer.consume(drain, state);
        if (walked < 0) throw this.#corrupt(buffer.cpu);
        freed += walked;
        if (walked > 0) moved = true;
      }
    }
    return freed;
  }

  #corrupt(cpu: number): EBPFError {
    this[Symbol.dispose]();
    const message = `Cannot go on reading perf buffer "${this.name}": a record of CPU ${cpu}`;
    return new EBPFError("kernel", "ring_corrupt", `${message} cannot be true`, { cpu });
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}

function enter(mapFd: number, cpu: number, eventFd: number): number {
  return libbpf().bpf_map_update_elem(mapFd, word(cpu), word(eventFd), 0n);
}

function remove(mapFd: number, cpu: number): void {
  libbpf().bpf_map_delete_elem(mapFd, word(cpu));
}

function word(value: number): Uint8Array<ArrayBuffer> {
  const bytes = fixedBytes(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function openFailed(name: string, part: string, errno: number): EBPFError {
  return kernelError("ring_open_failed", `Cannot open ${part} of perf buffer "${name}"`, errno, {
    name,
  });
}
