import assert from "node:assert/strict";
import fc from "fast-check";
import { type QueuedRecord, StreamQueue } from "../../../src/session/stream_queue.ts";

/** A record as a test remembers it. */
interface Expected {
  readonly bytes: Uint8Array;
  readonly type: number;
  readonly cpu: number;
}

function push(queue: StreamQueue, { bytes, type, cpu }: Expected): void {
  const source = new Uint8Array(16 + ((bytes.length + 3) & ~3)); // not at the start, and aligned
  source.set(bytes, 8);
  queue.push(new Int32Array(source.buffer), 2, bytes.length, type, cpu);
}

function assertRecord(record: QueuedRecord | null, expected: Expected): void {
  assert.ok(record);
  const bytes = record.bytes.slice(record.offset, record.offset + record.length);
  assert.deepEqual(bytes, expected.bytes);
  assert.deepEqual([record.type, record.cpu], [expected.type, expected.cpu]);
  assert.equal(record.offset % 8, 0);
}

const record = fc.record({
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ minLength: 500, maxLength: 1200 }),
  ),
  type: fc.integer({ min: -1, max: 254 }),
  cpu: fc.integer({ min: -1, max: 8191 }),
});
const step = fc.oneof(
  { weight: 3, arbitrary: record },
  { weight: 2, arbitrary: fc.constant("shift" as const) },
);

Deno.test("StreamQueue: gives what was pushed in order, and counts what fell out", () => {
  fc.assert(fc.property(
    fc.array(step, { maxLength: 200 }),
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom(64, 256, 1024, 4096),
    (steps, maxEvents, maxBytes) => {
      const queue = new StreamQueue({ maxBytes, maxEvents });
      const pushed: Expected[] = [];
      let shifted = 0;
      for (const action of steps) {
        if (action !== "shift") {
          push(queue, action);
          pushed.push(action);
        } else if (queue.count > 0) {
          queue.shift();
          shifted++;
        }
        assert.equal(queue.count + queue.dropped + shifted, pushed.length);
        assert.ok(queue.count <= maxEvents);
      }
      const fitting = pushed.filter(({ bytes }) => 8 + Math.ceil(bytes.length / 8) * 8 <= maxBytes);
      const waiting = queue.count;
      if (steps.length % 2 === 0) queue.shrink();
      for (const expected of fitting.slice(fitting.length - waiting)) {
        assertRecord(queue.first(), expected);
        queue.shift();
      }
      assert.equal(queue.first(), null);
    },
  ));
});

Deno.test("StreamQueue: keeps the newest when it is full", () => {
  const queue = new StreamQueue({ maxBytes: 1 << 16, maxEvents: 3 });
  const records = [1, 2, 3, 4, 5].map((value) => {
    return { bytes: Uint8Array.of(value), type: 0, cpu: 0 };
  });
  for (const expected of records) push(queue, expected);
  assert.equal(queue.dropped, 2);
  assertRecord(queue.first(), records[2]);
});

Deno.test("StreamQueue: drops a record that it can never hold", () => {
  const queue = new StreamQueue({ maxBytes: 64, maxEvents: 10 });
  const small = { bytes: new Uint8Array(8), type: 0, cpu: 0 };
  push(queue, small);
  push(queue, { bytes: new Uint8Array(64), type: 0, cpu: 0 });
  assert.deepEqual([queue.count, queue.dropped], [1, 1]);
  assertRecord(queue.first(), small);
});

Deno.test("StreamQueue: forgets without counting when it is cleared", () => {
  const queue = new StreamQueue({ maxBytes: 64, maxEvents: 10 });
  push(queue, { bytes: new Uint8Array(8), type: 0, cpu: 0 });
  queue.clear();
  assert.deepEqual([queue.count, queue.dropped, queue.first()], [0, 0, null]);
});

Deno.test("StreamQueue: forgets what fell out with what is there", () => {
  const queue = new StreamQueue({ maxBytes: 64, maxEvents: 2 });
  for (let type = 0; type < 5; type++) push(queue, { bytes: new Uint8Array(8), type, cpu: 0 });
  assert.deepEqual([queue.count, queue.dropped], [2, 3]);
  queue.forget();
  assert.deepEqual([queue.count, queue.dropped, queue.first()], [0, 0, null]);
});
