// What an event costs in the kernel: our gadgets beside the libbpf-tools that answer the same
// question, by turns, over the same workload. The kernel itself measures each program's runs.
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
    workload: ["execs", "true 300"],
    ends: /^(on_exec|tracepoint__syscalls__sys_exit_execve)$/,
  },
  {
    gadget: "open_snoop",
    peer: ["/usr/sbin/opensnoop"],
    peerPrograms: 2,
    workload: ["opens", "openat 20000"],
    ends: /^(on_exit_open(at2?)?|on_exit_creat|tracepoint__syscalls__sys_exit_open(at)?)$/,
  },
  {
    gadget: "syscall_latency",
    peer: ["/usr/sbin/syscount", "-L"],
    peerPrograms: 2,
    workload: ["syscalls", "getppid 200000"],
    ends: /^(on_exit|sys_exit)$/,
  },
  {
    gadget: "exit_snoop",
    peer: ["/usr/sbin/exitsnoop"],
    peerPrograms: 1,
    workload: ["exits", "exit 0 500"],
    ends: /^(on_exit|sched_process_exit)$/,
  },
];

/** Nanoseconds in the kernel per event. */
export async function measureGadgets(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  using _hold = new RunStatistics().hold();
  for (const comparison of comparisons) rows.push(await compare(comparison, rounds));
  return rows;
}

async function compare(comparison: Comparison, rounds: number): Promise<Row> {
  const { gadget, params = {}, peer, peerPrograms } = comparison;
  const [ours, theirs]: [number[], number[]] = [[], []];
  const wishes = { gadget, params, duration_ms: 120_000, max_overhead_percent: 100 };
  const command = [executable, "call", "run_gadget", JSON.stringify(wishes)];
  for (let round = 0; round < rounds; round++) {
    ours.push(await costPerEvent(command, 1, comparison));
    theirs.push(await costPerEvent(peer, peerPrograms, comparison));
  }
  return {
    what: `${gadget} in the kernel, per event`,
    unit: "ns",
    measured: median(ours),
    peer: { name: peer[0].slice(peer[0].lastIndexOf("/") + 1), measured: median(theirs) },
    target: { limit: "at most", value: 1.1, of: "ratio" },
  };
}

/** Lets a tracer see the workload, and answers what its programs took for each event. */
async function costPerEvent(
  command: readonly string[],
  programs: number,
  { workload: [name, task], ends }: Comparison,
): Promise<number> {
  await using workload = await Workload.start(name);
  await using tracer = await PeerTracer.start(command, programs);
  const before = await tracer.runs();
  await workload.run(task);
  const runs = (await tracer.runs()).map(({ name, count, ns }, index) => {
    return { name, count: count - before[index].count, ns: ns - before[index].ns };
  });
  const events = sum(runs.filter(({ name }) => ends.test(name)).map(({ count }) => count));
  return sum(runs.map(({ ns }) => ns)) / events;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
