// Processes: parents, command lines, users, where they live. Kept until a pid is another process's.
import { readLink, readStart, readText } from "../../../ffi/file.ts";
import { visibleLine } from "../../view/text.ts";
import { type Residence, residenceOfProcess } from "../containers.ts";
import { readBootTime } from "../system.ts";
import { BoundedMap } from "./bounded_map.ts";
import { parseArguments, parseStat, parseUid, type ProcessStat, TICK_MS } from "./process_stat.ts";

export interface ProcessFacts {
  readonly pid: number;
  readonly ppid: number;
  /** Ticks of 10 ms after the boot: with the pid it names a process for good. */
  readonly startTicks: bigint;
  /** Milliseconds since the epoch, exact to a second; null when the boot's time is not known. */
  readonly startedAtMs: number | null;
  /** Control characters are escaped, here and in all other texts: a process chooses them. */
  readonly comm: string;
  /** Empty of a kernel thread. Each is cut at 256 characters, the list at 64. */
  readonly args: readonly string[];
  /** The program's file; null of a kernel thread and where it may not be seen. */
  readonly exe: string | null;
  readonly uid: number | null;
  readonly residence: Residence;
  /** It has ended; what is here was read before. */
  readonly ended?: true;
}

const MAX_PROCESSES = 4096;
const MAX_ANCESTORS = 16;
const MAX_ARGUMENTS = 64;
const MAX_ARGUMENT = 256;
const STAT_BYTES = 1024;
const CMDLINE_BYTES = 4096;
const CGROUP_BYTES = 1 << 16;

/** The pid namespace that the kernel booted with (PROC_PID_INIT_INO, linux/proc_ns.h). */
const INITIAL_PIDS = "pid:[4026531836]";

export class Processes {
  readonly #known = new BoundedMap<number, ProcessFacts>(MAX_PROCESSES);
  readonly #proc: string;
  #bootedAtMs: number | null = null;
  #areOurs: boolean | null = null;

  /** @param proc where procfs is mounted */
  constructor(proc = "/proc") {
    this.#proc = proc;
  }

  /**
   * Whether pids that programs of BPF report are those of our procfs: they are of the initial pid
   * namespace, and in another one the same numbers are other processes.
   */
  get areOurs(): boolean {
    return this.#areOurs ??= readLink(`${this.#proc}/self/ns/pid`) === INITIAL_PIDS;
  }

  /** Null for one that ended before it was ever looked at. */
  of(pid: number): ProcessFacts | null {
    const known = this.#known.get(pid);
    const stat = this.#stat(pid);
    if (stat === null) return known === undefined ? null : { ...known, ended: true };
    // names change with exec, parents with a parent's end
    const isSame = known?.startTicks === stat.startTicks && known.ppid === stat.ppid &&
      known.comm === visibleLine(stat.comm);
    return isSame ? known : this.#keep(pid, stat);
  }

  /** Its parent, that one's parent and so on, at most 16. */
  ancestors(pid: number): ProcessFacts[] {
    const found: ProcessFacts[] = [];
    let next = this.of(pid)?.ppid ?? 0;
    while (next > 0 && found.length < MAX_ANCESTORS) {
      const parent = this.of(next);
      if (parent === null || parent.ended) break;
      found.push(parent);
      next = parent.ppid;
    }
    return found;
  }

  /** What an open descriptor leads to now: a path, `socket:[…]`, `pipe:[…]`; null when unknown. */
  openFile(pid: number, fd: number): string | null {
    return this.#link(pid, `fd/${fd}`);
  }

  /** The folder that it is in. */
  workingFolder(pid: number): string | null {
    return this.#link(pid, "cwd");
  }

  #keep(pid: number, stat: ProcessStat): ProcessFacts | null {
    const folder = `${this.#proc}/${pid}`;
    const cmdline = readStart(`${folder}/cmdline`, CMDLINE_BYTES);
    const args = typeof cmdline === "number" ? [] : parseArguments(cmdline);
    const facts: ProcessFacts = {
      pid,
      ppid: stat.ppid,
      startTicks: stat.startTicks,
      startedAtMs: this.#startedAtMs(stat),
      comm: visibleLine(stat.comm),
      args: args.slice(0, MAX_ARGUMENTS).map((arg) => visibleLine(arg.slice(0, MAX_ARGUMENT))),
      exe: this.#link(pid, "exe"),
      uid: parseUid(readText(`${folder}/status`) ?? ""),
      residence: residenceOfProcess(readText(`${folder}/cgroup`, CGROUP_BYTES) ?? ""),
    };
    // it may have ended between two of these files, and its pid been given to another
    if (this.#stat(pid)?.startTicks !== stat.startTicks) return null;
    this.#known.set(pid, facts);
    return facts;
  }

  #stat(pid: number): ProcessStat | null {
    const bytes = readStart(`${this.#proc}/${pid}/stat`, STAT_BYTES);
    return typeof bytes === "number" ? null : parseStat(new TextDecoder().decode(bytes));
  }

  #link(pid: number, name: string): string | null {
    const path = readLink(`${this.#proc}/${pid}/${name}`);
    return path === null ? null : visibleLine(path);
  }

  #startedAtMs({ startTicks }: ProcessStat): number | null {
    this.#bootedAtMs ??= readBootTime();
    return this.#bootedAtMs === null ? null : this.#bootedAtMs + Number(startTicks) * TICK_MS;
  }
}
