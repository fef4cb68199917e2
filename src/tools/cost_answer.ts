// What a run's programs cost, as answers show it.
import * as z from "zod";
import { exactInteger } from "../btf/value.ts";
import type { CostMeter } from "../session/cost_meter.ts";

const integer = z.union([z.int(), z.string()]);

/** The fields of every answer about a run, for a tool's output schema. */
export const costShape = {
  cost: z.object({
    run_count: integer,
    run_time_ns: integer,
    cpu_percent: z.number().describe("of one CPU, with the stops of uprobes"),
    elapsed_ms: z.number(),
  }).nullable().optional().describe("of its programs, in the kernel"),
  cost_unknown: z.string().optional(),
};

export type CostAnswer = z.input<z.ZodObject<typeof costShape>>;

/** Nothing where nobody measures; null, and why, where the kernel does not count. */
export function costAnswer(meter: CostMeter | null): CostAnswer {
  if (meter === null) return {};
  const cost = meter.read();
  if (cost === null) return { cost, cost_unknown: meter.refusal ?? "" };
  return {
    cost: {
      run_count: exactInteger(cost.runCount),
      run_time_ns: exactInteger(cost.runTimeNs),
      cpu_percent: rounded(cost.cpuPercent),
      elapsed_ms: rounded(cost.elapsedMs),
    },
  };
}

/** To a thousandth. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
