import assert from "node:assert/strict";
import { StreamSamples } from "../../../src/session/stream_samples.ts";

/** The numbers of the events that are kept of `count`, counted from 1. */
function kept(samples: StreamSamples, count: number, length = 4): number[] {
  const bytes = new Uint8Array(length);
  for (let number = 1; number <= count; number++) {
    new DataView(bytes.buffer).setUint32(0, number, true);
    if (--samples.due === 0) samples.keep(bytes, 0, length, 0, -1);
  }
  return samples.take().map((record) => {
    return new DataView(record.bytes.buffer, record.offset).getUint32(0, true);
  });
}

Deno.test("StreamSamples: keeps the first events and a spread of the others, in order", () => {
  const wanted: Readonly<Record<number, number[]>> = {
    0: [],
    1: [1],
    3: [1, 2],
    16: [1, 2, 4, 8, 16],
    32: [1, 2, 8, 16, 32],
    100_000: [1, 2, 16_384, 32_768, 65_536],
  };
  for (const [count, numbers] of Object.entries(wanted)) {
    assert.deepEqual(kept(new StreamSamples(), Number(count)), numbers);
  }
});

Deno.test("StreamSamples: begins anew after they were taken", () => {
  const samples = new StreamSamples();
  assert.deepEqual(kept(samples, 50), [1, 2, 8, 16, 32]);
  assert.deepEqual(kept(samples, 3), [1, 2]);
});

Deno.test("StreamSamples: keeps no event that is larger than an answer", () => {
  assert.deepEqual(kept(new StreamSamples(), 100, 9000), []);
});
