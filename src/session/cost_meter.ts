// What the programs of one run cost: how often and how long the kernel ran them.
import { EBPFError } from "../errors.ts";
import { programInfo } from "../kernel/program_info.ts";
import type { StatisticsHold } from "../kernel/run_statistics.ts";
import type { LoadedProgram } from "./loaded_object.ts";

export interface RunCost {
  readonly runCount: bigint;
  readonly runTimeNs: bigint;
  /** Since its programs began to be attached. */
  readonly elapsedMs: number;
  /** `runTimeNs`, and what each run takes around it, as a share of one CPU over that time. */
  readonly cpuPercent: number;
}

interface Sample {
  readonly atMs: number;
  readonly runCount: bigint;
  readonly runTimeNs: bigint;
}

/** Between two looks, and the time over which a limit holds. */
const LOOK_MS = 250;
const WINDOW_MS = 1_000;
const NS_PER_MS = 1e6;

export class CostMeter implements Disposable {
  readonly #programs: readonly LoadedProgram[];
  readonly #hold: StatisticsHold;
  readonly #aroundNs: bigint;
  readonly #start: Sample;
  #last: Sample;
  #timer: ReturnType<typeof setInterval> | undefined;
  #done = false;

  /**
   * Counts from now on; takes ownership of the hold.
   * @param programs loaded, and not yet attached
   * @param aroundNs what a run takes besides the program, which the kernel does not count
   */
  constructor(programs: readonly LoadedProgram[], hold: StatisticsHold, aroundNs = 0n) {
    this.#programs = programs;
    this.#hold = hold;
    this.#aroundNs = aroundNs;
    this.#start = { atMs: performance.now(), runCount: 0n, runTimeNs: 0n };
    this.#last = this.#start;
    this.#last = this.#start = this.#look();
  }

  /** Why nothing is known; null when it is. */
  get refusal(): string | null {
    return this.#hold.refusal;
  }

  /** What was spent so far, or until `finish`. Null where the kernel does not count. */
  read(): RunCost | null {
    if (this.#hold.refusal !== null) return null;
    if (!this.#done) this.#last = this.#look();
    const { atMs, runCount, runTimeNs } = this.#last;
    const elapsedMs = atMs - this.#start.atMs;
    return {
      runCount: runCount - this.#start.runCount,
      runTimeNs: runTimeNs - this.#start.runTimeNs,
      elapsedMs,
      cpuPercent: elapsedMs === 0 ? 0 : shareOf(this.#spent(this.#start, this.#last), elapsedMs),
    };
  }

  /**
   * Looks every 250 ms whether the programs took more than `percent` of one CPU within the last
   * second, and calls `over` once when they did. A run's first second counts as a whole one.
   */
  watch(percent: number, over: (share: number) => void): void {
    if (this.#hold.refusal !== null || this.#done) return;
    let window: Sample[] = [this.#start];
    this.#timer = setInterval(() => {
      const now = this.#last = this.#look();
      const since = window.findLast(({ atMs }) => atMs <= now.atMs - WINDOW_MS) ?? window[0];
      const spanMs = Math.max(now.atMs - since.atMs, WINDOW_MS);
      const share = shareOf(this.#spent(since, now), spanMs);
      window = [...window.filter((one) => one.atMs >= since.atMs), now];
      if (share <= percent) return;
      clearInterval(this.#timer);
      over(share);
    }, LOOK_MS);
  }

  /** Looks a last time, while the programs are still loaded, and lets go. Idempotent. */
  finish(): void {
    if (this.#done) return;
    this.#last = this.#look();
    this.#done = true;
    clearInterval(this.#timer);
    this.#hold[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.finish();
  }

  #spent(since: Sample, now: Sample): bigint {
    const runs = now.runCount - since.runCount;
    return now.runTimeNs - since.runTimeNs + runs * this.#aroundNs;
  }

  /** The last sample when the programs are gone: somebody unloaded them. */
  #look(): Sample {
    if (this.#hold.refusal !== null) return { ...this.#last, atMs: performance.now() };
    try {
      const infos = this.#programs.map(({ program }) => programInfo(program.fd));
      return {
        atMs: performance.now(),
        runCount: infos.reduce((sum, { runCount }) => sum + (runCount ?? 0n), 0n),
        runTimeNs: infos.reduce((sum, { runTimeNs }) => sum + (runTimeNs ?? 0n), 0n),
      };
    } catch (error) {
      if (error instanceof EBPFError) return this.#last;
      throw error;
    }
  }
}

/** Of one CPU, in percent. */
function shareOf(spentNs: bigint, elapsedMs: number): number {
  return Number(spentNs) / (elapsedMs * NS_PER_MS) * 100;
}
