// One gadget among several that look at the host for the same time: its rows, and what it cost.
import type { AggregateSpec } from "../btf/aggregate/spec.ts";
import type { JsonObject } from "../btf/decode.ts";
import { CostMeter, type RunCost } from "../session/cost_meter.ts";
import type { Session } from "../session/session.ts";
import { TableStream } from "../session/table_stream.ts";
import { countFailedCalls, type FailedCalls } from "./failed_calls.ts";
import type { OverheadBudget } from "./overhead_budget.ts";
import { endGadget, type GadgetRun, startGadget } from "./runner.ts";

export interface Wish {
  readonly gadget: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** How events are summed up; a table is given as it is. */
  readonly aggregate?: AggregateSpec;
}

/** The time that all of them look, and what they may cost together. */
export interface Watch {
  /** Resolves when the time is over, or the call was cancelled. */
  readonly over: Promise<void>;
  /** Called when a look has begun: their time is counted from the last one on. */
  readonly begun: () => void;
  readonly budget: OverheadBudget;
  readonly signal: AbortSignal;
}

export interface Observation<Row> {
  readonly rows: readonly Row[];
  /** Events, or rows of a table, that found no room. */
  readonly dropped: number;
  /** Null where the kernel does not count. */
  readonly cost: RunCost | null;
  /** From its beginning to the time's end, or its own: what was counted was counted in these. */
  readonly seconds: number;
}

/**
 * Starts a gadget, waits, and releases it.
 * @throws what startGadget throws: a gadget that this kernel cannot run is kernel/feature_missing
 */
export async function observeGadget(
  session: Session,
  { gadget: name, params, aggregate }: Wish,
  { over, budget, begun, signal }: Watch,
): Promise<Observation<JsonObject>> {
  const gadget = session.services.gadgets.get(name);
  const run = await startGadget(session, gadget, params, { format: "json", aggregate }, signal);
  const seconds = stopwatch();
  try {
    const { cost } = run.stream;
    using _counted = cost === null
      ? null
      : budget.add(name, cost, () => run.stream.stop("overhead"));
    begun();
    await Promise.race([over, untilEnd(run)]);
    const looked = seconds();
    run.stream.stop("duration");
    await untilEnd(run);
    return { ...await read(run, signal), seconds: looked };
  } finally {
    await endGadget(session, run.object);
  }
}

/** A stream that nobody waits for any more lets its waiter go. */
async function untilEnd({ stream }: GadgetRun): Promise<void> {
  const never = new AbortController().signal;
  while (stream.end === null) await stream.waitForEnd(1_000, never);
}

/** Answers the seconds since it was made. */
function stopwatch(): () => number {
  const began = performance.now();
  return () => (performance.now() - began) / 1000;
}

async function read(
  { stream }: GadgetRun,
  signal: AbortSignal,
): Promise<Omit<Observation<JsonObject>, "seconds">> {
  const rows = stream instanceof TableStream
    ? (await stream.rows(signal)).rows
    : stream.takeSum()?.report.rows ?? [];
  const dropped = Number(stream.counts.dropped.kernel ?? 0n) + stream.counts.dropped.ours;
  return { rows, dropped, cost: stream.cost?.read() ?? null };
}

/** The same for the system calls that fail. */
export async function observeFailedCalls(
  session: Session,
  { over, budget, begun, signal }: Watch,
): Promise<Observation<FailedCalls>> {
  let cost: RunCost | null = null;
  let looked = 0;
  const { rows, dropped } = await countFailedCalls(session, { params: {} }, async (object) => {
    using meter = new CostMeter(object.programs, session.services.runStatistics.hold());
    const early = Promise.withResolvers<void>();
    using _counted = budget.add("trace_errors", meter, () => early.resolve());
    const seconds = stopwatch();
    begun();
    await Promise.race([over, early.promise]);
    looked = seconds();
    cost = meter.read();
    return () => {};
  }, signal);
  return { rows, dropped, cost, seconds: looked };
}
