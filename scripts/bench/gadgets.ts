// What an event costs in the kernel, and the process that reads it: our gadgets beside the tools of
// libbpf-tools and bpftrace that answer the same question, by turns, over the same workload. The
// kernel itself measures each program's runs, and each thread's time on a CPU.
import { RunStatistics } from "../../src/kernel/run_statistics.ts";
import { PeerTracer } from "../../tests/support/peer_tracer.ts";
import { Workload } from "../../tests/support/workload.ts";
import { distFolder } from "../paths.ts";
import { median, type Row } from "./row.ts";

const executable = new URL("ebpf-mcp", distFolder).pathname;

interface Comparison {
  readonly gadget: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly peer: readonly string[];
  /** Of the peer: once it has attached, it has so many programs. */
  readonly peerPrograms: number;
  /** The peer reads each event, as ours does: with counts in the kernel nobody reads any. */
  readonly reads: "events" | "counts";
  /** The program that makes the work, and what it is told. */
  readonly workload: readonly [program: string, command: string];
  /** Programs that end an event, of either side: their runs are the events. */
  readonly ends: RegExp;
}

const comparisons: readonly Comparison[] = [
  {
    gadget: "exec_snoop",
    params: { failed: false },
    peer: ["/usr/sbin/execsnoop"],
    peerPrograms: 2,
    reads: "events",
    workload: ["execs", "true 2000"],
    ends: /^(on_exec|tracepoint__syscalls__sys_exit_execve)$/,
  },
  {
    gadget: "open_snoop",
    peer: ["/usr/sbin/opensnoop"],
    peerPrograms: 2,
    reads: "events",
    workload: ["opens", "openat 100000"],
    ends: /^(on_exit_open(at2?)?|on_exit_creat|tracepoint__syscalls__sys_exit_open(at)?)$/,
  },
  {
    gadget: "open_snoop",
    peer: ["/usr/sbin/opensnoop.bt"],
    peerPrograms: 4,
    reads: "events",
    workload: ["opens", "openat 100000"],
    ends: /^(on_exit_open(at2?)?|on_exit_creat|sys_exit_open(at)?)$/,
  },
  {
    gadget: "syscall_latency",
    peer: ["/usr/sbin/syscount", "-L"],
    peerPrograms: 2,
    reads: "counts",
    workload: ["syscalls", "getppid 200000"],
    ends: /^(on_exit|sys_exit)$/,
  },
  {
    gadget: "exit_snoop",
    peer: ["/usr/sbin/exitsnoop"],
    peerPrograms: 1,
    reads: "events",
    workload: ["exits", "exit 0 3000"],
    ends: /^(on_exit|sched_process_exit)$/,
  },
];

/** Nanoseconds per event. */
interface Cost {
  readonly kernel: number;
  readonly reader: number;
}

/** Over which it is seen what a reader takes that has nothing to read, and what it does late. */
const IDLE_MS = 1000;

/** Nanoseconds in the kernel per event, and of the process that reads it. */
export async function measureGadgets(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  using _hold = new RunStatistics().hold();
  for (const comparison of comparisons) rows.push(...await compare(comparison, rounds));
  return rows;
}

async function compare(comparison: Comparison, rounds: number): Promise<Row[]> {
  const { gadget, params = {}, peer, peerPrograms, reads } = comparison;
  const [ours, theirs]: [Cost[], Cost[]] = [[], []];
  const wishes = { gadget, params, duration_ms: 120_000, max_overhead_percent: 100 };
  const command = [executable, "call", "run_gadget", JSON.stringify(wishes)];
  for (let round = 0; round < rounds; round++) {
    ours.push(await costPerEvent(command, 1, comparison));
    theirs.push(await costPerEvent(peer, peerPrograms, comparison));
  }
  const name = peer[0].slice(peer[0].lastIndexOf("/") + 1);
  const row = (what: string, part: keyof Cost, value: number): Row => ({
    what: `${gadget} ${what}, per event`,
    unit: "ns",
    measured: median(ours.map((cost) => cost[part])),
    peer: { name, measured: median(theirs.map((cost) => cost[part])) },
    target: { limit: "at most", value, of: "ratio" },
  });
  const inKernel = row("in the kernel", "kernel", 1.1);
  return reads === "counts" ? [inKernel] : [inKernel, row("summed up or printed", "reader", 1.5)];
}

/** Lets a tracer see the workload, and answers what it took for each event. */
async function costPerEvent(
  command: readonly string[],
  programs: number,
  { workload: [name, task], ends }: Comparison,
): Promise<Cost> {
  await using workload = await Workload.start(name);
  await using tracer = await PeerTracer.start(command, programs);
  const started = await tracer.cpuNs();
  await pause(IDLE_MS);
  const idle = await tracer.cpuNs() - started;
  const before = await tracer.runs();
  const [spent, startMs] = [await tracer.cpuNs(), performance.now()];
  await workload.run(task);
  const runs = (await tracer.runs()).map(({ name, count, ns }, index) => {
    return { name, count: count - before[index].count, ns: ns - before[index].ns };
  });
  await pause(IDLE_MS);
  const waiting = idle * (performance.now() - startMs) / IDLE_MS;
  const reader = await tracer.cpuNs() - spent - waiting;
  const events = sum(runs.filter(({ name }) => ends.test(name)).map(({ count }) => count));
  return { kernel: sum(runs.map(({ ns }) => ns)) / events, reader: reader / events };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
