// A ring that another process fills flat out: records per second that we and C read, by turns.
import { Poller } from "../../src/kernel/poller.ts";
import { BenchRing } from "./bench_ring.ts";
import { LineProcess } from "./line_process.ts";
import { buildBenchObject, buildPeer } from "./peers.ts";
import { benchState, sumDrain } from "./ring.ts";
import { median, type Row } from "./row.ts";

/** Our poller against C that consumes everything once a millisecond. */
export async function measureLive(rounds: number, durationMs: number): Promise<Row[]> {
  using bench = await BenchRing.load();
  await using poller = new Poller();
  const [peer, object] = [await buildPeer("ring"), await buildBenchObject("bench_ring")];
  await using consumer = LineProcess.start(peer, [object]);
  await using producer = LineProcess.start(peer, [object]);
  const { measured: theirProgram } = await consumer.ask("program");
  await consumeLive(bench, poller, producer, durationMs); // compiles the loop
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await consumeLive(bench, poller, producer, durationMs));
    const produced = producer.ask(`produce ${durationMs} ${theirProgram}`);
    const { count } = await consumer.ask(`live ${durationMs}`);
    theirs.push(count / durationMs / 1000);
    await produced;
    await consumer.ask("live 50"); // what is left must not count for the next round
  }
  return [{
    what: "ring live, flat out",
    unit: "M/s",
    measured: median(ours),
    peer: { name: "coalescing C", measured: median(theirs) },
    target: { limit: "at least", value: 0.9, of: "ratio" },
  }];
}

/** Millions of records per second. */
async function consumeLive(
  bench: BenchRing,
  poller: Poller,
  producer: LineProcess,
  durationMs: number,
): Promise<number> {
  const drain = sumDrain();
  const state = benchState();
  using _source = poller.add(bench.ring.fds, () => bench.ring.consume(drain, state) > 0);
  const started = performance.now();
  await producer.ask(`produce ${durationMs} ${bench.programId}`);
  const elapsed = performance.now() - started;
  const { received } = state;
  bench.ring.consume(drain, state);
  return received / elapsed / 1000;
}
