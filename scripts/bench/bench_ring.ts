// The producer of the ring benchmarks, loaded by our own classes.
import { bpf_test_run_opts } from "../../ffi/layouts/libbpf_opts.ts";
import { libbpf } from "../../ffi/library.ts";
import { addressOf } from "../../ffi/memory.ts";
import { fixedBytes, Struct } from "../../ffi/struct.ts";
import type { Btf } from "../../src/btf/btf.ts";
import { mapInfo } from "../../src/kernel/map_info.ts";
import { programInfo } from "../../src/kernel/program_info.ts";
import { BpfObject } from "../../src/kernel/object.ts";
import { RingBuffer } from "../../src/kernel/ringbuf.ts";
import { buildBenchObject } from "./peers.ts";

/** The loaded producer and its ring. */
export class BenchRing implements Disposable {
  readonly ring: RingBuffer;
  readonly btf: Btf;
  readonly #program: number;
  readonly #owned: DisposableStack;

  private constructor(object: BpfObject, ring: RingBuffer, owned: DisposableStack) {
    if (object.btf === null) throw new Error("bench_ring has no BTF");
    this.btf = object.btf;
    this.ring = ring;
    this.#program = object.programs.find(({ name }) => name === "produce")?.fd ?? -1;
    this.#owned = owned;
  }

  static async load(): Promise<BenchRing> {
    using owned = new DisposableStack();
    const bytes = await Deno.readFile(await buildBenchObject("bench_ring"));
    const object = owned.use(BpfObject.open(bytes, { name: "bench_ring" }));
    const failure = await object.load();
    if (failure !== 0) throw new Error(`bench_ring does not load: errno ${failure}`);
    const map = object.maps.find(({ name }) => name === "ring");
    if (map === undefined) throw new Error("bench_ring has no map ring");
    const ring = RingBuffer.open(map.fd, mapInfo(map.fd).maxEntries, map.name);
    return new BenchRing(object, owned.use(ring), owned.move());
  }

  /** Sends `count` records. */
  produce(count: number): void {
    runWithCount(this.#program, count);
  }

  /** The kernel's id of the producing program, for another process. */
  get programId(): number {
    return programInfo(this.#program).id;
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}

/** Runs a `syscall` program whose argument is one 64-bit count. */
export function runWithCount(program: number, count: number): void {
  const argument = fixedBytes(8);
  new DataView(argument.buffer).setBigUint64(0, BigInt(count), true);
  const options = new Struct(bpf_test_run_opts)
    .set("sz", bpf_test_run_opts.size)
    .set("ctx_in", addressOf(argument))
    .set("ctx_size_in", argument.length);
  const result = libbpf().bpf_prog_test_run_opts(program, options.bytes);
  if (result !== 0) throw new Error(`the test run failed: errno ${-result}`);
}
