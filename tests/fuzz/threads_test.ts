// What no seed can replay: a reader of a ring while another thread really writes over it.
import assert from "node:assert/strict";
import { pageBytes } from "../../ffi/mapping.ts";
import { compileRingDrain, type DrainState } from "../../src/kernel/drain.ts";
import { RingBuffer } from "../../src/kernel/ringbuf.ts";
import { until } from "../support/within.ts";
import { attempt } from "./oracle.ts";
import { RingFile } from "./ring_file.ts";

interface State extends DrainState {
  seen: number;
  outside: number;
}

const SIZE = 4096;
const DURATION_MS = 1_500;
const START_MS = 20_000;
const allowed = new Set(["kernel/ring_corrupt"]);
const record = `state.seen++;
  if (length < 0 || at < 8 || at + length > u8.length) state.outside++;
  else if (length > 0) u8[at + length - 1];`;

Deno.test({
  name: "RingBuffer stays inside a ring that another thread writes over",
  sanitizeResources: false, // the libraries stay open
  async fn() {
    using file = new RingFile(SIZE);
    const script = new URL("scribbler.ts", import.meta.url);
    script.searchParams.set("path", `/proc/self/fd/${file.fd}`);
    script.searchParams.set("size", `${2 * pageBytes() + 2 * SIZE}`);
    const worker = new Worker(script, { type: "module" });
    await until(START_MS, "the other thread's first word", () => file.producer !== 0n);
    const drain = compileRingDrain<State>({ record });
    const state: State = { room: Infinity, corruptAt: -1, seen: 0, outside: 0 };
    const started = performance.now();
    let [walks, corrupt] = [0, 0];
    while (performance.now() - started < DURATION_MS) {
      file.consumer = 0n;
      file.producer = BigInt(8 * (walks % (SIZE / 8)));
      using ring = RingBuffer.open(file.fd, SIZE, "threads");
      state.corruptAt = -1;
      if (attempt(allowed, () => ring.consume(drain, state)) === null) corrupt++;
      walks++;
    }
    worker.terminate();
    assert.equal(state.outside, 0);
    assert.ok(state.seen > 1000 && corrupt > 1000, `${state.seen} seen, ${corrupt} of ${walks}`);
  },
});
