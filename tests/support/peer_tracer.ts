// A tracer of another project beside ours: what its programs cost, and what it says.
import * as z from "zod";
import { environment, mustRun, run } from "../../scripts/command.ts";
import { until } from "./within.ts";

const patienceMs = 60_000;

/** What one of its programs has done so far. */
export interface ProgramRuns {
  readonly name: string;
  readonly count: number;
  readonly ns: number;
}

/** A command that loads programs and attaches them, until it is interrupted. */
export class PeerTracer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #said: Promise<string>;
  readonly #programs: readonly number[];
  #ended = false;

  private constructor(
    child: Deno.ChildProcess,
    programs: readonly number[],
    said: Promise<string>,
  ) {
    this.#child = child;
    this.#programs = programs;
    this.#said = said;
  }

  /** Returns when it has attached as many programs, or more where more come at once. */
  static async start([path, ...args]: readonly string[], programs: number): Promise<PeerTracer> {
    const options = { args, env: environment(), stdin: "null", stderr: "null" } as const;
    const child = new Deno.Command(path, { ...options, stdout: "piped" }).spawn();
    const said = new Response(child.stdout).text();
    let ids: readonly number[] = [];
    await until(patienceMs, `${path}'s attaching`, async () => {
      const before = ids.length;
      ids = await held(child.pid, "prog_id");
      if (ids.length < programs || ids.length !== before) return false;
      const links = await held(child.pid, "link_id");
      return links.length >= ids.length || await perfEvents(child.pid) >= ids.length;
    });
    return new PeerTracer(child, ids, said);
  }

  /** Each of its programs, in the order of their ids. The kernel counts where statistics are on. */
  async runs(): Promise<ProgramRuns[]> {
    return await Promise.all(this.#programs.map(async (id) => {
      const text = await mustRun("bpftool", ["prog", "show", "id", String(id)]);
      const name = /name (\S+)/.exec(text)?.[1] ?? "";
      const [, ns = "0", count = "0"] = /run_time_ns (\d+) run_cnt (\d+)/.exec(text) ?? [];
      return { name, count: Number(count), ns: Number(ns) };
    }));
  }

  /** CPU time that its threads have taken so far, in nanoseconds: what it does with its events. */
  async cpuNs(): Promise<number> {
    const look = `cat /proc/${this.#child.pid}/task/*/schedstat 2>/dev/null`;
    const { stdout } = await run("sh", ["-c", look]);
    return stdout.trim().split("\n").reduce((sum, line) => sum + Number(line.split(" ")[0]), 0);
  }

  /** Interrupts it, and answers the lines that it has printed. */
  async stop(): Promise<string[]> {
    await this[Symbol.asyncDispose]();
    return (await this.#said).split("\n").filter((line) => line !== "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#child.kill("SIGINT");
    await this.#child.status;
    await this.#said;
  }
}

const attachments = z.array(z.looseObject({ pid: z.int() }));

/** How many of its programs are attached by perf events, as bpftrace does: those have no links. */
async function perfEvents(pid: number): Promise<number> {
  const all = attachments.parse(JSON.parse(await mustRun("bpftool", ["perf", "show", "-j"])));
  return all.filter((one) => one.pid === pid).length;
}

/** Numbers that the descriptors of a process have under this name. */
async function held(pid: number, name: "prog_id" | "link_id"): Promise<number[]> {
  const look = `cat /proc/${pid}/fdinfo/* 2>/dev/null | grep '^${name}:' | sort -u`;
  const { stdout } = await run("sh", ["-c", look]);
  return [...stdout.matchAll(/\d+$/gm)].map(([id]) => Number(id));
}
