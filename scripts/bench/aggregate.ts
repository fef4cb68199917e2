// Events of a ring summed up as they come: what one takes, all of it from the record in the ring
// to the counters. 2 million events a second are 500 ns each.
import type { AggregateSpec } from "../../src/btf/aggregate/spec.ts";
import type { Drain } from "../../src/kernel/drain.ts";
import { StreamAggregate } from "../../src/session/stream_aggregate.ts";
import { compileStreamDrain } from "../../src/session/stream_drain.ts";
import type { StreamDrainState } from "../../src/session/stream_drain_state.ts";
import { StreamTypes } from "../../src/session/stream_types.ts";
import { BenchRing } from "./bench_ring.ts";
import { median, type Row } from "./row.ts";

/** 72 bytes each in a ring of 16 MiB: what fits, with room to spare. */
const burst = 200_000;
const warmups = 10;

interface Case {
  readonly what: string;
  readonly spec: AggregateSpec;
  readonly most: number;
}

const cases: readonly Case[] = [
  { what: "ring aggregate, count by comm", spec: { by: ["comm"] }, most: 150 },
  {
    what: "ring aggregate, count and p99 by comm",
    spec: { by: ["comm"], compute: [{ op: "count" }, { op: "p99", field: "number" }] },
    most: 250,
  },
  {
    what: "ring aggregate, count by 10,000 groups",
    spec: { by: ["number"] },
    most: 250,
  },
];

export async function measureAggregate(rounds: number): Promise<Row[]> {
  using bench = await BenchRing.load();
  return cases.map(({ what, spec, most }) => {
    const types = new StreamTypes(bench.btf, "ring", undefined);
    const sum = new StreamAggregate(bench.btf, types, spec);
    const drain = compileStreamDrain("ring", types, null, sum);
    const times: number[] = [];
    for (let round = 0; round < warmups + rounds; round++) {
      bench.produce(burst);
      times.push(drainBurst(bench, drain));
      const { events } = sum.take().report;
      if (events !== burst) throw new Error(`${what}: ${events} of ${burst} events`);
    }
    return {
      what,
      unit: "ns",
      measured: median(times.slice(warmups)),
      target: { limit: "at most", value: most, of: "value" },
    };
  });
}

/** Nanoseconds per event. */
function drainBurst(bench: BenchRing, drain: Drain<StreamDrainState>): number {
  const state = {
    room: Number.MAX_SAFE_INTEGER,
    corruptAt: -1,
    cpu: -1,
    lost: 0,
    passed: 0,
    filtered: 0,
  };
  const started = performance.now();
  bench.ring.consume(drain, state);
  const elapsed = performance.now() - started;
  if (state.passed !== burst) throw new Error(`${state.passed} of ${burst} records passed`);
  return elapsed * 1e6 / burst;
}
