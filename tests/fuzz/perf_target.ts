// The reader of perf buffers: its loop over plain memory that changes while it is walked, and once
// in a while all of it, over the kernel's buffers: their data is read-only, but their head may lie.
import { PerfBuffer } from "../../src/kernel/perfbuf.ts";
import { compilePerfDrain, type PerfDrainState, perfViews } from "../../src/kernel/perf_drain.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { load, runProgram } from "../support/loaded.ts";
import { ByteSource } from "./byte_source.ts";
import { attempt, expect } from "./oracle.ts";
import { PerfControl, PerfMemory } from "./perf_memory.ts";
import type { Random } from "./random.ts";
import type { Depth, Prepared, Target } from "./target.ts";

const allowed = new Set(["kernel/ring_corrupt"]);
const SIZE = 4096;
/** As `PerfBuffer` maps them. */
const KERNEL_PAGES = 64;
/** One in so many cases goes through the kernel's buffers: opening them takes 0.3 ms. */
const KERNEL_ONCE_IN = 16;
const SAMPLE = 9;
const LOST = 2;
const THROTTLE = 5;
const MOST_CHANGES = 24;

export const perfTarget: Target = {
  name: "perf",
  files: [
    "src/kernel/perf_cpu_buffer.ts",
    "src/kernel/perf_drain.ts",
    "src/kernel/perfbuf.ts",
  ],
  cases: { short: 15_000, long: 1_000_000 },
  processes: 2,
  caseMs: 250,
  clock: "processor",
  prepare: async () => new PerfFuzz(await load("perf_events", { burst: 8 })),
};

interface State extends PerfDrainState {
  seen: number;
  take(u8: Uint8Array, at: number, length: number): void;
}

class PerfFuzz implements Prepared {
  readonly #object: LoadedObject;
  readonly #drain = compilePerfDrain<State>({ record: "state.take(u8, at, length);" });
  readonly #views = perfViews(new ArrayBuffer(SIZE), 0, SIZE);

  constructor(object: LoadedObject) {
    this.#object = object;
  }

  make(random: Random): Uint8Array<ArrayBuffer> {
    return random.bytes(random.between(16, 160));
  }

  run(input: Uint8Array<ArrayBuffer>): Depth {
    const source = new ByteSource(input);
    return source.below(KERNEL_ONCE_IN) === 1 ? this.#runKernel(source) : this.#runLoop(source);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#object[Symbol.asyncDispose]();
  }

  #runLoop(source: ByteSource): Depth {
    this.#views.u8.fill(source.pick([0, 0, 0xff, 9]));
    const start = source.below(SIZE / 8) * 8;
    const memory = new PerfMemory(this.#views.view, start);
    const hostile = new Hostile(source, memory, start);
    hostile.fill(SIZE);
    const available = Math.min(SIZE, memory.head - start);
    const state = stateWith(source.once(5) ? source.below(4) : 1000, () => hostile.change());
    const room = state.room;
    const walked = this.#drain(this.#views, start, available, state);
    expect(walked >= 0 && walked <= available, () => `walked ${walked} of ${available}`);
    expect(state.room === room - state.seen, () => `room ${state.room} of ${room}`);
    expect(state.lost >= 0, () => `lost ${state.lost}`);
    expect(state.corruptAt < SIZE, () => `corrupt at ${state.corruptAt}`);
    return depth(walked > 0 || state.seen > 0);
  }

  #runKernel(source: ByteSource): Depth {
    const map = this.#object.maps.find(({ name }) => name === "events");
    expect(map !== undefined, () => "no map");
    using perf = PerfBuffer.open(map.fd, map.info.maxEntries, "fuzz");
    using owned = new DisposableStack();
    const controls = perf.fds.map((fd) => owned.use(new PerfControl(fd, KERNEL_PAGES)));
    const cpu = source.below(controls.length);
    const produce = (runs: number) => {
      for (let run = 0; run < runs; run++) runProgram(this.#object, "produce", cpu);
    };
    produce(1 + source.below(6));
    const room = source.once(5) ? source.below(4) : 1000;
    const state = stateWith(room, () => {
      if (source.once(20)) produce(1);
      if (source.once(16)) lie(source, controls[cpu]);
    });
    let freedInAll = 0;
    for (let turn = 0; turn < 3; turn++) {
      const freed = attempt(allowed, () => perf.consume(this.#drain, state));
      expect(state.room === room - state.seen, () => `room ${state.room} of ${room}`);
      if (freed === null) {
        expect(perf.consume(this.#drain, state) === 0, () => "a closed buffer gave something");
        return depth(state.seen > 0);
      }
      freedInAll += freed;
      if (source.once(3)) produce(1);
      if (source.once(3)) lie(source, controls[cpu]);
    }
    return depth(freedInAll > 0);
  }
}

/** Moves the head to where the kernel did not write. */
function lie(source: ByteSource, control: PerfControl): void {
  const distance = source.once(3)
    ? BigInt(source.u32()) << BigInt(source.below(33))
    : BigInt(source.pick([8, 16, 32, 40, 4096, 1 << 18, -8, -40, 4]));
  control.head += distance;
}

/** A state whose records are checked, and followed by `then`. */
function stateWith(room: number, then: () => void): State {
  const state: State = {
    room,
    corruptAt: -1,
    cpu: 0,
    lost: 0,
    seen: 0,
    take: (u8, at, length) => {
      state.seen++;
      const isInside = at >= 12 && length >= 0 && at + length <= u8.length;
      expect(isInside, () => `a sample of ${length} bytes at ${at} of ${u8.length}`);
      then();
    },
  };
  return state;
}

/** "past" when the reader believed at least one header. */
function depth(believed: boolean): Depth {
  return believed ? "past" : "refused";
}

/** The producer, as in the ring's target. */
class Hostile {
  readonly #source: ByteSource;
  readonly #memory: PerfMemory;
  readonly #start: number;
  #changes = 0;

  constructor(source: ByteSource, memory: PerfMemory, start: number) {
    this.#source = source;
    this.#memory = memory;
    this.#start = start;
  }

  /** Records as a kernel would write them, but for one in a few; at most `most` bytes. */
  fill(most: number): void {
    const count = 1 + this.#source.below(24);
    for (let index = 0; index < count; index++) {
      if (this.#memory.head - this.#start + 256 > most) return;
      this.#put();
    }
  }

  change(): void {
    const source = this.#source;
    if (source.isEmpty || this.#changes++ > MOST_CHANGES) return;
    const place = this.#start + source.below(512) * 4;
    switch (source.below(4)) {
      case 0:
        return this.#memory.setWord(place, source.u32());
      case 1:
        return this.#memory.setWord(place, source.below(64) << 19 | source.below(16));
      case 2:
        return this.#put();
      default:
        return this.#memory.setWord(place, source.pick([0, SAMPLE, LOST, 0xffff_ffff]));
    }
  }

  #put(): void {
    const source = this.#source;
    const type = source.once(6) ? source.pick([LOST, 0, 1, THROTTLE, source.u8()]) : SAMPLE;
    const payload = source.below(24) * 8 + 4;
    const step = source.once(20) ? source.u16() : type === SAMPLE ? 12 + payload : 24;
    this.#memory.put(type, step, source.once(20) ? source.u32() : payload);
  }
}
