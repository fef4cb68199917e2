// A tool within reach, as inspect_state shows it.
import * as z from "zod";
import type { ToolTraits } from "../define_tool.ts";
import { requirementsOf } from "../requirements.ts";

export const toolRow = z.object({
  name: z.string(),
  title: z.string(),
  toolset: z.string(),
  effect: z.string(),
  capability: z.string(),
  kernel: z.string().describe("The first Linux version on which it does its main job"),
  limits: z.record(z.string(), z.number()),
  max_time_ms: z.int(),
});

export type ToolRow = z.infer<typeof toolRow>;

export function describeTool(tool: ToolTraits): ToolRow {
  return {
    name: tool.name,
    title: tool.title,
    ...requirementsOf(tool),
    limits: { ...tool.limits },
  };
}
