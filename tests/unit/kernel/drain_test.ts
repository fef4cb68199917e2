import assert from "node:assert/strict";
import fc from "fast-check";
import { compileRingDrain, type DrainState, ringViews } from "../../../src/kernel/drain.ts";
import {
  compilePerfDrain,
  type PerfDrainState,
  perfViews,
} from "../../../src/kernel/perf_drain.ts";

const size = 4096;
const busy = 0x80000000;
const discarded = 0x40000000;

interface RingState extends DrainState {
  readonly seen: Uint8Array[];
}

interface PerfState extends PerfDrainState {
  readonly seen: Uint8Array[];
}

const record = "state.seen.push(u8.slice(at, at + length)); if (word * 4 !== at) throw 0;";
const ringDrain = compileRingDrain<RingState>({ record });
const perfDrain = compilePerfDrain<PerfState>({ record });

function ringState(room = 1000): RingState {
  return { room, corruptAt: -1, seen: [] };
}

function perfState(room = 1000): PerfState {
  return { ...ringState(room), cpu: 0, lost: 0 };
}

/** A ring that is mapped twice, as the kernel does it: both halves hold the same. */
class Ring {
  readonly views = ringViews(new ArrayBuffer(2 * size), 0, size);
  position = 0;

  constructor(readonly start: number) {}

  put(bytes: Uint8Array, flags = 0): void {
    const at = (this.start + this.position) % size;
    const written = new Uint8Array(8 + bytes.length);
    new DataView(written.buffer).setUint32(0, bytes.length + flags, true);
    written.set(bytes, 8);
    for (const [index, byte] of written.entries()) {
      for (const half of [0, size]) this.views.u8[half + (at + index) % size] = byte;
    }
    this.position += 8 + Math.ceil(bytes.length / 8) * 8;
  }
}

const place = fc.integer({ min: 0, max: size / 8 - 1 }).map((index) => index * 8);
const payload = fc.uint8Array({ maxLength: 60 });

Deno.test("compileRingDrain: passes committed records on, over the ring's end too", () => {
  fc.assert(fc.property(
    place,
    fc.array(fc.record({ bytes: payload, dropped: fc.boolean() }), { maxLength: 50 }),
    (start, records) => {
      const ring = new Ring(start);
      for (const { bytes, dropped } of records) ring.put(bytes, dropped ? discarded : 0);
      const state = ringState();
      const walked = ringDrain(ring.views, start, ring.position, state);
      const expected = records.filter(({ dropped }) => !dropped).map(({ bytes }) => bytes);
      assert.deepEqual(state.seen, expected);
      assert.equal(walked, ring.position);
      assert.equal(state.room, 1000 - expected.length);
      assert.equal(state.corruptAt, -1);
    },
  ));
});

Deno.test("compileRingDrain: stops at a record that is not committed", () => {
  const ring = new Ring(0);
  ring.put(Uint8Array.of(1));
  ring.put(Uint8Array.of(2), busy);
  ring.put(Uint8Array.of(3));
  const state = ringState();
  assert.equal(ringDrain(ring.views, 0, ring.position, state), 16);
  assert.deepEqual(state.seen, [Uint8Array.of(1)]);
});

Deno.test("compileRingDrain: stops when there is no room", () => {
  const ring = new Ring(0);
  for (const value of [1, 2, 3]) ring.put(Uint8Array.of(value));
  const state = ringState(2);
  assert.equal(ringDrain(ring.views, 0, ring.position, state), 32);
  assert.equal(state.seen.length, 2);
  assert.equal(state.room, 0);
});

Deno.test("compileRingDrain: reports a length beyond what is available as corrupt", () => {
  for (const length of [17, 0x3fffffff]) {
    const ring = new Ring(size - 16);
    ring.put(Uint8Array.of(1));
    ring.put(new Uint8Array(8));
    ring.views.u32[0] = length; // the second header, behind the ring's end
    const state = ringState();
    assert.equal(ringDrain(ring.views, size - 16, ring.position, state), 16);
    assert.equal(state.corruptAt, 0);
    assert.deepEqual(state.seen, [Uint8Array.of(1)]);
  }
});

Deno.test("compileRingDrain: walks a long ring in stretches that lose no record", () => {
  const ringSize = 1 << 20, count = ringSize / 16;
  const views = ringViews(new ArrayBuffer(2 * ringSize), 0, ringSize);
  for (let at = 0; at < views.u32.length; at += 4) views.u32.set([8, 0, at % (ringSize / 4)], at);
  const numbers = compileRingDrain<DrainState & { seen: number[] }>({
    record: "state.seen.push(u32[word]);",
  });
  const state = { room: count, corruptAt: -1, seen: new Array<number>() };
  const start = ringSize - 64;
  let calls = 0;
  for (let walked = 0; walked < ringSize; calls++) {
    walked += numbers(views, (start + walked) % ringSize, ringSize - walked, state);
  }
  assert.ok(calls > 1 && calls < 16, `${calls} calls`);
  assert.deepEqual(
    state.seen,
    state.seen.map((_, index) => (start / 4 + 4 * index) % (ringSize / 4)),
  );
  assert.equal(state.seen.length, count);
  assert.equal(state.room, 0);
});

Deno.test("compileRingDrain: survives any bytes", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 256, maxLength: 256 }),
    place,
    fc.integer({ min: 0, max: size / 8 }),
    (noise, start, words) => {
      const views = ringViews(new ArrayBuffer(2 * size), 0, size);
      for (let at = 0; at < 2 * size; at += noise.length) views.u8.set(noise, at);
      const available = words * 8;
      const walked = ringDrain(views, start, available, ringState(size));
      assert.ok(walked >= 0 && walked <= available);
    },
  ));
});

/** One CPU's perf buffer, mapped once. */
class PerfRing {
  readonly views = perfViews(new ArrayBuffer(size), 0, size);
  position = 0;

  constructor(readonly start: number) {}

  sample(payload: Uint8Array): Uint8Array {
    const padded = Math.ceil((payload.length + 4) / 8) * 8 - 4;
    const body = new Uint8Array(4 + padded);
    new DataView(body.buffer).setUint32(0, padded, true);
    body.set(payload, 4);
    this.put(9, body);
    return body.slice(4);
  }

  put(type: number, body: Uint8Array, claimed = 8 + body.length): void {
    const written = new Uint8Array(8 + body.length);
    const view = new DataView(written.buffer);
    view.setUint32(0, type, true);
    view.setUint16(6, claimed, true);
    written.set(body, 8);
    for (const [index, byte] of written.entries()) {
      this.views.u8[(this.start + this.position + index) % size] = byte;
    }
    this.position += written.length;
  }
}

Deno.test("compilePerfDrain: passes padded samples on and counts lost ones", () => {
  fc.assert(fc.property(
    place,
    fc.array(fc.oneof(payload, fc.integer({ min: 1, max: 9 })), { maxLength: 40 }),
    (start, records) => {
      const ring = new PerfRing(start);
      const expected: Uint8Array[] = [];
      let lost = 0;
      for (const record of records) {
        if (typeof record !== "number") {
          expected.push(ring.sample(record));
          continue;
        }
        ring.put(2, new Uint8Array(new BigUint64Array([7n, BigInt(record)]).buffer));
        lost += record;
      }
      const state = perfState();
      assert.equal(perfDrain(ring.views, start, ring.position, state), ring.position);
      assert.deepEqual(state.seen, expected);
      assert.equal(state.lost, lost);
    },
  ));
});

Deno.test("compilePerfDrain: reports sizes that cannot be true as corrupt", () => {
  for (const claimed of [0, 4, 12, 4096]) {
    const ring = new PerfRing(0);
    ring.put(9, new Uint8Array(8), claimed);
    const state = perfState();
    assert.equal(perfDrain(ring.views, 0, ring.position, state), 0);
    assert.equal(state.corruptAt, 0);
  }
});

Deno.test("compilePerfDrain: survives any bytes", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 256, maxLength: 256 }),
    place,
    fc.integer({ min: 0, max: size / 8 }),
    (noise, start, words) => {
      const views = perfViews(new ArrayBuffer(size), 0, size);
      for (let at = 0; at < size; at += noise.length) views.u8.set(noise, at);
      const available = words * 8;
      const walked = perfDrain(views, start, available, perfState(size));
      assert.ok(walked >= 0 && walked <= available);
    },
  ));
});
