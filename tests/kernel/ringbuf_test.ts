// RingBuffer and Poller on a real ring.
import assert from "node:assert/strict";
import { Mapping, pageBytes } from "../../ffi/mapping.ts";
import { compileRingDrain, type DrainState } from "../../src/kernel/drain.ts";
import { Poller } from "../../src/kernel/poller.ts";
import { RingBuffer } from "../../src/kernel/ringbuf.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, runProgram } from "../support/loaded.ts";

interface State extends DrainState {
  records: number;
}

const drain = compileRingDrain<State>({ record: "state.records++;" });
const burst = 10;
/** Header and payload of a `flood_event`. */
const recordBytes = 72;

function state(): State {
  return { room: 1 << 30, corruptAt: -1, records: 0 };
}

function eventsOf(object: LoadedObject) {
  const map = object.maps.find(({ name }) => name === "events");
  assert.ok(map);
  return map;
}

function openRing(object: LoadedObject): RingBuffer {
  const map = eventsOf(object);
  return RingBuffer.open(map.fd, map.info.maxEntries, map.name);
}

/** The reader's position, as another process could map it. */
function consumerPosition(object: LoadedObject): { mapping: Mapping; position: BigUint64Array } {
  const mapping = Mapping.map(eventsOf(object).fd, pageBytes(), "read_write", 0);
  assert.ok(typeof mapping !== "number");
  return { mapping, position: new BigUint64Array(mapping.buffer, 0, 1) };
}

kernelTest("RingBuffer: consumes records and frees their space", async () => {
  await using object = await load("flood", { burst });
  using ring = openRing(object);
  runProgram(object, "produce");
  assert.equal(ring.available, burst * recordBytes);
  const seen = state();
  assert.equal(ring.consume(drain, seen), burst * recordBytes);
  assert.equal(seen.records, burst);
  assert.equal(ring.available, 0);
});

kernelTest("RingBuffer: a snapshot consumes nothing, however often", async () => {
  await using object = await load("flood", { burst });
  runProgram(object, "produce");
  const map = eventsOf(object);
  using ring = RingBuffer.openForSnapshot(map.fd, map.info.maxEntries, map.name);
  for (let look = 0; look < 3; look++) {
    const seen = state();
    assert.equal(ring.snapshot(drain, () => seen), true);
    assert.equal(seen.records, burst);
  }
  assert.equal(ring.consume(drain, state()), 0);
});

kernelTest(
  "RingBuffer: a snapshot, then one call, pass on more than the loop walks at once",
  async () => {
    const many = 20_000;
    await using object = await load("flood", { burst: many });
    runProgram(object, "produce");
    const map = eventsOf(object);
    using looking = RingBuffer.openForSnapshot(map.fd, map.info.maxEntries, map.name);
    const seen = state();
    assert.equal(looking.snapshot(drain, () => seen), true);
    assert.equal(seen.records, many);
    using ring = openRing(object);
    const taken = state();
    assert.equal(ring.consume(drain, taken), many * recordBytes);
    assert.equal(taken.records, many);
  },
);

kernelTest("RingBuffer: follows a position that somebody else moved", async () => {
  await using object = await load("flood", { burst });
  using ring = openRing(object);
  runProgram(object, "produce");
  const { mapping, position } = consumerPosition(object);
  using _mapping = mapping;
  position[0] += BigInt(4 * recordBytes);
  const seen = state();
  ring.consume(drain, seen);
  assert.equal(seen.records, burst - 4);
  assert.equal(ring.displaced, true);
});

kernelTest("RingBuffer: ends where a position or a header cannot be true", async () => {
  for (const shift of [8n, 1n << 40n, -(1n << 40n)]) {
    await using object = await load("flood", { burst });
    using ring = openRing(object);
    runProgram(object, "produce");
    const { mapping, position } = consumerPosition(object);
    using _mapping = mapping;
    position[0] = BigInt.asUintN(64, BigInt(burst * recordBytes) + shift);
    assert.throws(() => ring.consume(drain, state()), { code: "ring_corrupt" });
    assert.equal(ring.consume(drain, state()), 0);
  }
});

kernelTest("RingBuffer: says why a map cannot be mapped", async () => {
  await using object = await load("flood");
  const [other] = object.maps.filter(({ name }) => name !== "events");
  assert.throws(() => RingBuffer.open(other.fd, 4096, "other"), { code: "ring_open_failed" });
  assert.throws(() => RingBuffer.open(-1, 4096, "closed"), {
    code: "ring_open_failed",
    message: /EBADF/,
  });
  assert.throws(() => RingBuffer.open(0, 2 ** 30, "huge"), { code: "limit_exceeded" });
});

kernelTest("RingBuffer: is disposed twice without harm, and reads nothing afterwards", async () => {
  await using object = await load("flood", { burst });
  const ring = openRing(object);
  runProgram(object, "produce");
  ring[Symbol.dispose]();
  ring[Symbol.dispose]();
  assert.equal(ring.available, 0);
  assert.equal(ring.consume(drain, state()), 0);
});

kernelTest("Poller: wakes a reader for each burst, and hardly looks while idle", async () => {
  await using object = await load("flood", { burst });
  using ring = openRing(object);
  await using poller = new Poller();
  const seen = state();
  let looks = 0;
  let woken = Promise.withResolvers<void>();
  using _source = poller.add(ring.fds, () => {
    looks++;
    const moved = ring.consume(drain, seen) > 0;
    if (moved) woken.resolve();
    return moved;
  });
  for (let round = 1; round <= 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    woken = Promise.withResolvers();
    runProgram(object, "produce");
    await woken.promise;
    assert.equal(seen.records, round * burst);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  looks = 0;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(looks <= 8, `${looks} looks in 500 ms`);
});

kernelTest("Poller: stops when nobody listens, and starts again", async () => {
  await using object = await load("flood", { burst });
  using ring = openRing(object);
  await using poller = new Poller();
  for (let round = 0; round < 3; round++) {
    const seen = Promise.withResolvers<void>();
    using _source = poller.add(ring.fds, () => {
      const moved = ring.consume(drain, state()) > 0;
      if (moved) seen.resolve();
      return moved;
    });
    runProgram(object, "produce");
    await seen.promise;
  }
  assert.equal(poller.size, 0);
});
