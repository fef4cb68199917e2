// Ring drains: bursts of 64-byte records, read by us and by C in turns.
import type { Btf } from "../../src/btf/btf.ts";
import { recordSource } from "../../src/btf/record_source.ts";
import { compileRingDrain, type Drain, type DrainState } from "../../src/kernel/drain.ts";
import { isNode } from "../ffi/json_node.ts";
import { BenchRing } from "./bench_ring.ts";
import { LineProcess } from "./line_process.ts";
import { buildBenchObject, buildPeer } from "./peers.ts";
import { median, type Row } from "./row.ts";

/** 72 bytes each in a ring of 16 MiB: what fits, with room to spare. */
const burst = 200_000;
/** Rounds before those that count: a server's loops are compiled long before they matter. */
const warmups = 30;
const unlimited = Number.MAX_SAFE_INTEGER;

/** Counts and sums what a drain has seen. */
export interface BenchState extends DrainState {
  received: number;
  sum: number;
}

export function benchState(): BenchState {
  return { room: unlimited, corruptAt: -1, received: 0, sum: 0 };
}

/** Adds up four fields of each record, as the C peer does. */
export function sumDrain(): Drain<BenchState> {
  return compileRingDrain({
    before: "let sum = 0, received = 0;",
    record: `
      sum += u32[word + 4] + u32[word + 5] * 4294967296
        + u32[word + 6] + u32[word + 7] * 4294967296 + u32[word + 2] + u32[word + 3];
      received++;`,
    after: "state.sum += sum; state.received += received;",
  });
}

/** Writes each record as JSON bytes. */
function jsonDrain(btf: Btf): { drain: Drain<BenchState>; out: Uint8Array } {
  const [type] = btf.find("bench_event", "struct");
  if (type === undefined) throw new Error("bench_ring has no struct bench_event");
  const source = recordSource(btf, type, { access: "words" });
  const out = new Uint8Array(source.maxBytes(btf.sizeOf(type)));
  const drain = compileRingDrain<BenchState>({
    before: "let sum = 0, received = 0;",
    record: `
      const o = at, end = at + length;
      let p = 0;
      ${source.statements}
      sum += p;
      received++;`,
    after: "state.sum += sum; state.received += received;",
    bindings: { ...source.bindings, out },
  });
  return { drain, out };
}

/** Both drains against C, one burst each by turns. */
export async function measureRing(rounds: number): Promise<Row[]> {
  using bench = await BenchRing.load();
  const peer = await buildPeer("ring");
  await using c = LineProcess.start(peer, [await buildBenchObject("bench_ring")]);
  const sum = sumDrain();
  const { drain: json, out } = jsonDrain(bench.btf);
  const rows = [
    {
      what: "ring drain, 64-byte records, sum",
      ...await byTurns(() => drainBurst(bench, sum), c, "sum", rounds),
      peerName: "C",
      limit: 2,
    },
    {
      what: "ring drain, 64-byte records, JSON bytes",
      ...await byTurns(() => drainBurst(bench, json), c, "json", rounds),
      peerName: "C snprintf",
      limit: 0.7,
    },
  ];
  requireJson(out);
  return rows.map(({ what, measured, peer, peerName, limit }) => ({
    what,
    unit: "ns",
    measured,
    peer: { name: peerName, measured: peer },
    target: { limit: "at most", value: limit, of: "ratio" },
  }));
}

/** Medians of our bursts and of the peer's. */
async function byTurns(
  ours: () => number,
  peer: LineProcess,
  command: string,
  rounds: number,
): Promise<{ measured: number; peer: number }> {
  const [measured, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < warmups + rounds; round++) {
    measured.push(ours());
    theirs.push((await peer.ask(`${command} ${burst}`)).measured);
  }
  return { measured: median(measured.slice(warmups)), peer: median(theirs.slice(warmups)) };
}

/** Nanoseconds per record. */
function drainBurst(bench: BenchRing, drain: Drain<BenchState>): number {
  bench.produce(burst);
  const state = benchState();
  const started = performance.now();
  bench.ring.consume(drain, state);
  const elapsed = performance.now() - started;
  if (state.received !== burst) throw new Error(`received ${state.received} of ${burst} records`);
  return elapsed * 1e6 / burst;
}

/** What was measured must have been right: the last record's text. */
function requireJson(out: Uint8Array): void {
  const text = new TextDecoder().decode(out);
  const record: unknown = JSON.parse(text.slice(0, text.indexOf("}") + 1));
  if (!isNode(record) || record.number !== burst - 1 || record.comm !== "producer-comm") {
    throw new Error(`the last record was written as ${text}`);
  }
}
