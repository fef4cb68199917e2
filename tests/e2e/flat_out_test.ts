// A program that sends events as fast as it can: the server answers others meanwhile, takes no more
// memory than it said, and every event is delivered, summed up or counted as dropped.
import assert from "node:assert/strict";
import type { Arguments } from "../support/client.ts";
import { McpSession } from "../support/client.ts";
import type { Streamed } from "../support/answers.ts";
import { accountedFor } from "../support/events.ts";
import { bpftool } from "../support/kernel_state.ts";
import { kernelTest } from "../support/kernel_test.ts";
import { buildObject } from "../support/objects.ts";
import { Trigger } from "../support/trigger.ts";

/** Events of one system call, and calls: several million of them. */
const burst = 20_000;
const calls = 150;
/** On a machine that others use too; `scripts/bench/aggregate.ts` says what it is. */
const slowestAnswerMs = 1_000;
/** What a stream may take: its queue, or its groups, and what the answers of the test leave. */
const mostGrownBytes = 120 << 20;

interface Outcome {
  readonly answer: Streamed;
  readonly slowestMs: number;
  readonly grownBytes: number;
}

/** Fills the ring flat out, and asks for the list of tools all the time. */
async function flatOut(args: Arguments): Promise<Outcome> {
  await using trigger = await Trigger.start();
  await using session = await McpSession.start();
  const object = await session.load(await buildObject("flood"), {
    programs: ["on_getppid"],
    globals: { target_pid: trigger.pid, burst },
  });
  const mapId = (suffix: string) => object.maps.find((map) => map.name.endsWith(suffix))?.map_id;
  const opening = { map_id: mapId("events"), background: true, ...args };
  const { stream_id } = await session.stream(opening);
  await session.attach(object.programs[0].program_id, { type: "auto" });
  const before = residentBytes(session.pid);
  const times: number[] = [];
  let running = true;
  const filled = trigger.run(`getppid ${calls}`).finally(() => running = false);
  while (running) {
    const started = performance.now();
    await session.client.listTools();
    times.push(performance.now() - started);
  }
  await filled;
  const grownBytes = residentBytes(session.pid) - before;
  const stopped = await session.stop(stream_id);
  accountedFor(stopped);
  const dump = JSON.stringify(await bpftool("map", "dump", "id", String(mapId(".bss"))));
  const counted = (name: string) => Number(new RegExp(`"${name}":"?(\\d+)`).exec(dump)?.[1]);
  const { received, pending, dropped } = stopped;
  assert.equal(counted("attempted"), burst * calls);
  assert.equal(received + pending, counted("sent"));
  assert.equal(dropped.kernel, counted("dropped"));
  assert.equal(received + pending + Number(dropped.kernel), burst * calls);
  return { answer: stopped, slowestMs: quantile(times, 0.99), grownBytes };
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1];
}

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

function assertBearable({ slowestMs, grownBytes }: Outcome): void {
  assert.ok(slowestMs <= slowestAnswerMs, `p99 of tools/list was ${slowestMs} ms`);
  assert.ok(grownBytes <= mostGrownBytes, `it grew by ${grownBytes} bytes`);
}

kernelTest("EventStream: sums up events that come as fast as they can", async () => {
  const compute = [{ op: "count" }, { op: "p99", field: "low" }, { op: "sum", field: "number" }];
  const outcome = await flatOut({ aggregate: { by: ["comm", "cpu"], compute } });
  const { aggregated, received, dropped, aggregate } = outcome.answer;
  assertBearable(outcome);
  assert.equal(aggregated, received);
  assert.equal(dropped.ours, 0);
  assert.equal(aggregate?.events, aggregated);
  const counts = aggregate.rows.map(({ count }) => Number(count));
  assert.equal(counts.reduce((sum, count) => sum + count, 0), aggregated);
});

kernelTest("EventStream: keeps the newest of events that come as fast as they can", async () => {
  const outcome = await flatOut({});
  assertBearable(outcome);
  assert.ok(outcome.answer.dropped.ours > 0);
});
