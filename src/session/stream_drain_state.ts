// What the loop over a stream's records tells beside its answer.
import type { PerfDrainState } from "../kernel/perf_drain.ts";

/** Counts of one run; `room` counts records that pass. */
export interface StreamDrainState extends PerfDrainState {
  passed: number;
  filtered: number;
}
