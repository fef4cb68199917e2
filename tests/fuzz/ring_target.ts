// The reader of ring buffers over memory that a hostile producer changes while it is walked: behind
// each header that the reader took, before it takes the record.
import { compileRingDrain, type DrainState } from "../../src/kernel/drain.ts";
import { RingBuffer } from "../../src/kernel/ringbuf.ts";
import { compileStreamDrain } from "../../src/session/stream_drain.ts";
import { StreamQueue } from "../../src/session/stream_queue.ts";
import { ByteSource } from "./byte_source.ts";
import { HostileTypes } from "./hostile_types.ts";
import { attempt, expect } from "./oracle.ts";
import type { Random } from "./random.ts";
import { RingFile } from "./ring_file.ts";
import type { Depth, Prepared, Target } from "./target.ts";

const allowed = new Set(["kernel/ring_corrupt"]);
const notOpened = new Set(["kernel/ring_open_failed", "resource/limit_exceeded"]);
const NO_FD = -1;
const SIZES = [4096, 8192] as const;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
const QUEUE_BYTES = 1024;
/** What streams may test: a field that some records have, and one that a name leads to. */
const FILTERS = [
  { pid: 0 },
  { comm: "x", where: [{ field: "mask", op: "ge", value: 1 }] },
] as const;
/** Changes that one case may make while it is walked. */
const MOST_CHANGES = 24;

export const ringTarget: Target = {
  name: "ring",
  files: [
    "src/kernel/drain.ts",
    "src/kernel/ringbuf.ts",
    "src/session/stream_drain.ts",
    "src/session/stream_queue.ts",
  ],
  cases: { short: 15_000, long: 1_000_000 },
  processes: 2,
  caseMs: 250,
  clock: "processor",
  prepare: () => Promise.resolve(new RingFuzz()),
};

interface State extends DrainState {
  seen: number;
  take(u8: Uint8Array, at: number, length: number): void;
}

class RingFuzz implements Prepared {
  readonly #files = SIZES.map((size) => new RingFile(size));
  readonly #drain = compileRingDrain<State>({ record: "state.take(u8, at, length);" });
  readonly #types = new HostileTypes("ring");
  readonly #queue = new StreamQueue({ maxBytes: QUEUE_BYTES, maxEvents: 12 });
  readonly #streamDrains = [null, ...FILTERS].map((filter) => {
    const tests = filter === null ? null : this.#types.filter(filter);
    return compileStreamDrain("ring", this.#types, tests, this.#queue);
  });

  make(random: Random): Uint8Array<ArrayBuffer> {
    return random.bytes(random.between(16, 160));
  }

  run(input: Uint8Array<ArrayBuffer>): Depth {
    const source = new ByteSource(input);
    if (source.once(64)) return refusesToOpen(source.u32());
    const file = source.pick(this.#files);
    const start = source.below(file.size / 8) * 8;
    file.reset(start, source.pick([0, 0, 0xff, 0x10]));
    const hostile = new Hostile(source, file, start);
    hostile.fill();
    switch (source.below(4)) {
      case 0:
        return this.#snapshot(file, hostile);
      case 1:
        return this.#stream(file, hostile, source);
      default:
        return this.#consume(file, hostile);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) file[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Reads until nothing comes; the drain sees each record as a client's would. */
  #consume(file: RingFile, hostile: Hostile): Depth {
    using ring = RingBuffer.open(file.fd, file.size, "fuzz");
    const room = hostile.room();
    const state = hostile.state(room);
    let walked = 0;
    for (let turn = 0; turn < 4; turn++) {
      const freed = attempt(allowed, () => ring.consume(this.#drain, state));
      expect(state.room === room - state.seen, () => `room ${state.room} of ${room}`);
      if (freed === null) return closed(ring, walked + state.seen > 0);
      expect(freed >= 0 && freed <= 3 * file.size, () => `freed ${freed} of ${file.size}`);
      walked += freed;
      hostile.change();
    }
    return depth(walked + state.seen > 0);
  }

  /** As a stream reads: records are typed, tested and copied into a queue that is too small. */
  #stream(file: RingFile, hostile: Hostile, source: ByteSource): Depth {
    const drain = source.pick(this.#streamDrains);
    this.#types.hook = () => hostile.change();
    this.#queue.clear();
    using ring = RingBuffer.open(file.fd, file.size, "fuzz");
    const state = { room: 256, corruptAt: -1, cpu: -1, lost: 0, passed: 0, filtered: 0 };
    let lost = this.#queue.dropped;
    let freedInAll = 0;
    for (let turn = 0; turn < 3; turn++) {
      const [before, passed] = [this.#queue.count, state.passed];
      const freed = attempt(allowed, () => ring.consume(drain, state));
      const taken = this.#queue.count - before + this.#queue.dropped - lost;
      lost = this.#queue.dropped;
      expect(state.passed - passed === taken, () => `passed ${state.passed}, taken ${taken}`);
      this.#read(source.below(8));
      if (freed === null) return closed(ring, freedInAll + state.passed + state.filtered > 0);
      freedInAll += freed;
      hostile.change();
    }
    return depth(freedInAll > 0);
  }

  /** Takes records out of the queue; each must be whole within it. */
  #read(count: number): void {
    for (let left = count; left > 0; left--) {
      const record = this.#queue.first();
      if (record === null) return;
      const { offset, length, bytes } = record;
      expect(length >= 0 && offset + length <= bytes.length, () => `record of ${length}`);
      this.#queue.shift();
    }
  }

  #snapshot(file: RingFile, hostile: Hostile): Depth {
    using ring = RingBuffer.openForSnapshot(file.fd, file.size, "fuzz");
    const states: State[] = [];
    const stood = attempt(allowed, () => {
      return ring.snapshot(this.#drain, () => {
        states.push(hostile.state(1000));
        return states[states.length - 1];
      });
    });
    expect(states.length >= 1 && states.length <= 5, () => `${states.length} attempts`);
    const seen = states.some((state) => state.seen > 0);
    if (stood === null) return closed(ring, seen);
    expect(ring.consume(this.#drain, hostile.state(1)) === 0, () => "a snapshot consumed");
    return depth(seen);
  }
}

/** What is no ring is not opened; nothing was walked. */
function refusesToOpen(size: number): Depth {
  const ring = attempt(notOpened, () => RingBuffer.open(NO_FD, size, "fuzz"));
  expect(ring === null, () => `opened a ring of ${size} bytes without a descriptor`);
  return "refused";
}

/** "past" when the reader believed at least one header. */
function depth(believed: boolean): Depth {
  return believed ? "past" : "refused";
}

/** A ring that was corrupt gives nothing any more. */
function closed(ring: RingBuffer, believed: boolean): Depth {
  expect(ring.available === 0, () => "a closed ring has something");
  return depth(believed);
}

/** The producer: what it put into the ring, and what it does to it behind the reader's back. */
class Hostile {
  readonly #source: ByteSource;
  readonly #file: RingFile;
  readonly #start: number;
  #changes = 0;

  constructor(source: ByteSource, file: RingFile, start: number) {
    this.#source = source;
    this.#file = file;
    this.#start = start;
  }

  room(): number {
    return this.#source.once(5) ? this.#source.below(4) : 1000;
  }

  /** Records as a kernel would write them, but for one in a few. */
  fill(): void {
    const count = 1 + this.#source.below(24);
    for (let index = 0; index < count; index++) this.#file.put(this.#header());
    if (this.#source.once(16)) this.change();
  }

  state(room: number): State {
    const most = 2 * this.#file.size;
    const state: State = {
      room,
      corruptAt: -1,
      seen: 0,
      take: (u8, at, length) => {
        state.seen++;
        const isInside = at >= 8 && length >= 0 && at + length <= most && u8.length === most;
        expect(isInside, () => `a record of ${length} bytes at ${at} of ${most}`);
        this.change();
      },
    };
    return state;
  }

  /** Changes something, while there are decisions left in the input. */
  change(): void {
    const source = this.#source;
    if (source.isEmpty || this.#changes++ > MOST_CHANGES) return;
    const file = this.#file;
    const target = this.#start + source.below(file.size / 8) * 8;
    switch (source.below(9)) {
      case 0:
      case 1:
        return file.setWord(target, this.#header());
      case 2:
        return file.setWord(this.#start, source.u32());
      case 3:
      case 4:
        return file.put(this.#header());
      case 5:
        file.producer += BigInt(source.pick([8, 16, file.size, -8, 4, 2 * file.size]));
        return;
      case 6:
        if (source.once(4)) file.consumer = file.producer - BigInt(source.below(64));
        return;
      case 7:
        if (source.once(8)) file.producer = BigInt(source.u32()) << BigInt(source.below(33));
        return;
      default:
        return;
    }
  }

  #header(): number {
    const source = this.#source;
    const length = source.once(24) ? source.u32() : source.below(200);
    const flags = source.once(8) ? source.pick([BUSY, DISCARDED]) : 0;
    return (length | flags) >>> 0;
  }
}
