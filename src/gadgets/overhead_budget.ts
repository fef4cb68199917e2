// One limit on what several runs may cost together: over it the costliest of them ends.
import type { CostMeter } from "../session/cost_meter.ts";

interface Entry {
  readonly name: string;
  readonly cost: CostMeter;
  readonly stop: () => void;
  /** What it had spent at each look of the last second. */
  readonly spent: bigint[];
}

const LOOK_MS = 250;
/** Looks in a second. */
const WINDOW = 4;
const NS_PER_PERCENT = 1e7;

export class OverheadBudget implements Disposable {
  readonly #percent: number;
  readonly #entries = new Map<string, Entry>();
  readonly #stopped: string[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param percent of one CPU, over a second */
  constructor(percent: number) {
    this.#percent = percent;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Those that were ended, in that order. */
  get stopped(): readonly string[] {
    return this.#stopped;
  }

  /** Counts a run in until it is disposed. */
  add(name: string, cost: CostMeter, stop: () => void): Disposable {
    this.#entries.set(name, { name, cost, stop, spent: [cost.read()?.runTimeNs ?? 0n] });
    return { [Symbol.dispose]: () => void this.#entries.delete(name) };
  }

  #look(): void {
    const shares = [...this.#entries.values()].map((entry) => {
      const { spent, cost } = entry;
      spent.push(cost.read()?.runTimeNs ?? 0n);
      if (spent.length > WINDOW + 1) spent.shift();
      return { entry, percent: Number((spent.at(-1) ?? 0n) - spent[0]) / NS_PER_PERCENT };
    });
    const all = shares.reduce((sum, { percent }) => sum + percent, 0);
    if (all <= this.#percent) return;
    const { entry } = shares.reduce((most, one) => one.percent > most.percent ? one : most);
    this.#entries.delete(entry.name);
    this.#stopped.push(entry.name);
    entry.stop();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#entries.clear();
  }
}
