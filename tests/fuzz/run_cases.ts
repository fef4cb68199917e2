// Runs a range of cases in this process and tells how it went.
import process from "node:process";
import { caseRandom } from "./random.ts";
import type { Depth, Prepared, Target } from "./target.ts";

export interface Range {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
}

export interface Failure {
  /** The case's number; -1 when something was left after the last. */
  readonly index: number;
  readonly reason: string;
  readonly input: Uint8Array<ArrayBuffer>;
}

export interface Outcome {
  readonly cases: number;
  readonly past: number;
  readonly seconds: number;
  readonly slowestMs: number;
  readonly failures: readonly Failure[];
}

/** After so many the rest would tell nothing new. */
const MOST_FAILURES = 8;
/** A case that was slow is run again: the machine may have been busy. */
const SECOND_CHANCES = 4;
/** Frames of an error: taking them costs more than all the rest, so only failures have them. */
const FRAMES = 12;
/** Between two looks at what is left. */
const SETTLE_EVERY = 4096;

/** Runs the cases; `progress` is told the number of each that is about to run. */
export async function runCases(
  target: Target,
  prepared: Prepared,
  { seed, first, count }: Range,
  progress: (index: number) => void = () => {},
): Promise<Outcome> {
  const started = performance.now();
  const failures: Failure[] = [];
  Error.stackTraceLimit = 0;
  let [past, done, slowestMs] = [0, 0, 0];
  for (let index = first; index < first + count && failures.length < MOST_FAILURES; index++) {
    progress(index);
    const input = prepared.make(caseRandom(target.name, seed, index));
    const result = await runInput(target, prepared, input);
    done++;
    if (result.depth === "past") past++;
    if (result.reason !== null) {
      failures.push({ index, reason: await explained(target, prepared, input, result), input });
    }
    slowestMs = Math.max(slowestMs, result.elapsedMs);
    if (done % SETTLE_EVERY === 0) await settle(prepared, failures);
  }
  await settle(prepared, failures);
  const seconds = (performance.now() - started) / 1000;
  Error.stackTraceLimit = FRAMES;
  return { cases: done, past, seconds, slowestMs, failures };
}

interface Result {
  readonly depth: Depth;
  readonly elapsedMs: number;
  /** What went wrong; null when nothing did. */
  readonly reason: string | null;
}

/** Runs one input; also what a file of a crasher is replayed with. */
export async function runInput(
  target: Target,
  prepared: Prepared,
  input: Uint8Array<ArrayBuffer>,
): Promise<Result> {
  let [depth, elapsedMs]: [Depth, number] = ["refused", Infinity];
  for (let run = 0; run <= SECOND_CHANCES && elapsedMs > target.caseMs; run++) {
    await prepared.renew?.();
    const elapsed = startClock(target.clock);
    try {
      const running = prepared.run(input);
      depth = typeof running === "string" ? running : await running;
    } catch (error) {
      return { depth, elapsedMs: elapsed(), reason: described(error) };
    }
    elapsedMs = Math.min(elapsedMs, elapsed());
  }
  const isLate = elapsedMs > target.caseMs;
  const reason = isLate ? `took ${Math.round(elapsedMs)} ms, wanted ${target.caseMs}` : null;
  return { depth, elapsedMs, reason };
}

/** Milliseconds since now. A busy machine takes nothing from the time on a processor. */
function startClock(clock: Target["clock"]): () => number {
  if (clock === "wall") {
    const started = performance.now();
    return () => performance.now() - started;
  }
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

/** Why, with the frames of an error where it comes again. */
async function explained(
  target: Target,
  prepared: Prepared,
  input: Uint8Array<ArrayBuffer>,
  { reason }: Result,
): Promise<string> {
  Error.stackTraceLimit = FRAMES;
  const again = await runInput(target, prepared, input);
  Error.stackTraceLimit = 0;
  return again.reason ?? `${reason} (not when run again)`;
}

async function settle(prepared: Prepared, failures: Failure[]): Promise<void> {
  try {
    await prepared.settle?.();
  } catch (error) {
    failures.push({ index: -1, reason: described(error), input: new Uint8Array() });
  }
}

function described(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : Deno.inspect(error);
}
