// How often the kernel says that a process has given up its CPU: a count besides any gadget's.
const settleMs = 5;
const mostTries = 400;

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
        voluntary: sum(statuses, /^voluntary_ctxt_switches:\s+(\d+)/m),
        involuntary: sum(statuses, /^nonvoluntary_ctxt_switches:\s+(\d+)/m),
        threads: statuses.length,
      };
    }
    last = text;
    await new Promise((resolve) => setTimeout(resolve, settleMs));
  }
  throw new Error(`process ${pid} does not fall asleep`);
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
  return statuses.reduce((total, status) => total + Number(pattern.exec(status)?.[1]), 0);
}
