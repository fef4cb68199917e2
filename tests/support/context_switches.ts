// How often the kernel says that a process has given up its CPU: a count besides any gadget's.
import assert from "node:assert/strict";

const settleMs = 5;
const mostTries = 400;
const FIRST_PROCESS = 1;

export interface ContextSwitches {
  /** To wait for something. */
  readonly voluntary: number;
  /** For somebody else to run. */
  readonly involuntary: number;
  readonly threads: number;
}

/**
 * Of all threads of a process, once they all sleep and stay asleep. A thread whose state says that
 * it sleeps may still wait for a CPU to fall asleep on: reading its `syscall` waits until it does.
 */
export async function switchesAsleep(pid: number): Promise<ContextSwitches> {
  let last = "";
  for (let tries = 0; tries < mostTries; tries++) {
    const asleep = await allAsleep(pid);
    const statuses = await threadStatuses(pid);
    const text = statuses.join("\n");
    if (asleep && text === last && statuses.every((status) => /^State:\s+S/m.test(status))) {
      return {
        voluntary: sum(statuses, /^voluntary_ctxt_switches:\s+(\d+)/gm),
        involuntary: sum(statuses, /^nonvoluntary_ctxt_switches:\s+(\d+)/gm),
        threads: statuses.length,
      };
    }
    last = text;
    await new Promise((resolve) => setTimeout(resolve, settleMs));
  }
  throw new Error(`process ${pid} does not fall asleep`);
}

/** Turns of a workload's threads, as the kernel counts them. */
export interface Turns {
  readonly count: number;
  /** Those of them that tracing may not have been told of. */
  readonly untold: number;
}

/** How often this process's threads left a CPU while it did `work`: those that `read` gives. */
export async function turnsOf(
  pid: number,
  read: (switches: ContextSwitches) => number,
  work: () => Promise<void>,
): Promise<Turns> {
  let count = 0;
  const untold = await untoldTurns(async () => {
    const before = read(await switchesAsleep(pid));
    await work();
    count = read(await switchesAsleep(pid)) - before;
  });
  return { count, untold };
}

/**
 * How often somebody may have got a CPU during `work` without tracing being told of it. There are
 * hosts whose first process supervises them, and which keep from tracing what happens while one of
 * its threads is the current task: who follows it on a CPU comes there unseen. It sleeps in guests.
 */
export async function untoldTurns(work: () => Promise<void>): Promise<number> {
  const before = await switchesOf(FIRST_PROCESS);
  await work();
  return await switchesOf(FIRST_PROCESS) - before;
}

/** A gadget's count must be the kernel's; less only by what it may not have been told of. */
export function assertTurns(counted: number, ...turns: readonly Turns[]): void {
  const wanted = turns.reduce((sum, { count }) => sum + count, 0);
  const untold = turns.reduce((sum, one) => sum + one.untold, 0);
  const words = `${counted} counted of ${wanted}, of which at most ${untold} were untold`;
  assert.ok(counted <= wanted && counted >= wanted - untold, words);
}

/** Of all its threads, of both kinds. */
async function switchesOf(pid: number): Promise<number> {
  return sum(await threadStatuses(pid), /^(?:non)?voluntary_ctxt_switches:\s+(\d+)/gm);
}

/** What all threads of a process have run, by the scheduler's account, while they sleep. */
export async function cpuTimeAsleep(pid: number): Promise<number> {
  await switchesAsleep(pid);
  return sum(await readThreads(pid, "schedstat"), /^(\d+)/gm);
}

async function allAsleep(pid: number): Promise<boolean> {
  const calls = await readThreads(pid, "syscall");
  return calls.every((call) => !call.startsWith("running"));
}

async function threadStatuses(pid: number): Promise<string[]> {
  return (await readThreads(pid, "status")).sort();
}

/** This file of each of its threads. */
async function readThreads(pid: number, file: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    texts.push(await Deno.readTextFile(`/proc/${pid}/task/${name}/${file}`));
  }
  return texts;
}

function sum(statuses: readonly string[], pattern: RegExp): number {
  const numbers = statuses.flatMap((status) => [...status.matchAll(pattern)]);
  return numbers.reduce((total, [, number]) => total + Number(number), 0);
}
