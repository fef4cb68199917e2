// PerfBuffer on a real perf event array.
import assert from "node:assert/strict";
import { compilePerfDrain, type PerfDrainState } from "../../src/kernel/perf_drain.ts";
import { PerfBuffer } from "../../src/kernel/perfbuf.ts";
import type { LoadedObject } from "../../src/session/loaded_object.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { load, runProgram } from "../support/loaded.ts";

interface State extends PerfDrainState {
  readonly cpus: number[];
}

const drain = compilePerfDrain<State>({ record: "state.cpus.push(state.cpu);" });
const burst = 3;

function state(room = 1000): State {
  return { room, corruptAt: -1, cpu: -1, lost: 0, cpus: [] };
}

function openPerf(object: LoadedObject): PerfBuffer {
  const map = object.maps.find(({ name }) => name === "events");
  assert.ok(map);
  return PerfBuffer.open(map.fd, map.info.maxEntries, map.name);
}

kernelTest("PerfBuffer: reads each CPU's events until there is no room", async () => {
  await using object = await load("perf_events", { burst });
  using perf = openPerf(object);
  const last = navigator.hardwareConcurrency - 1;
  runProgram(object, "produce", last);
  const first = state(2);
  perf.consume(drain, first);
  assert.deepEqual(first.cpus, [last, last]);
  const rest = state();
  perf.consume(drain, rest);
  assert.deepEqual(rest.cpus, [last]);
});

kernelTest("PerfBuffer: goes over the buffers' ends without losing an event", async () => {
  await using object = await load("perf_events", { burst: 200 });
  using perf = openPerf(object);
  let seen = 0;
  for (let round = 0; round < 100; round++) {
    runProgram(object, "produce", 0);
    const round = state();
    perf.consume(drain, round);
    seen += round.cpus.length;
  }
  assert.equal(seen, 100 * 200);
});

kernelTest("PerfBuffer: takes its entries out of the map when it is disposed", async () => {
  await using object = await load("perf_events", { burst });
  const perf = openPerf(object);
  runProgram(object, "produce", 0);
  assert.equal(object.droppedCount(), 0n);
  perf[Symbol.dispose]();
  perf[Symbol.dispose]();
  assert.equal(perf.consume(drain, state()), 0);
  runProgram(object, "produce", 0);
  assert.equal(object.droppedCount(), BigInt(burst));
});

kernelTest("PerfBuffer: says why a map cannot be used", async () => {
  await using object = await load("perf_events");
  const [other] = object.maps.filter(({ name }) => name !== "events");
  assert.throws(() => PerfBuffer.open(other.fd, 1, "other"), { code: "ring_open_failed" });
});
