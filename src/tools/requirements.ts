// What a tool needs and how far it goes, under the names that answers use.
import type { ToolTraits } from "./define_tool.ts";

export interface Requirements {
  readonly toolset: string;
  readonly effect: string;
  readonly capability: string;
  readonly kernel: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly max_time_ms: number;
}

/** In `_meta` of `tools/list`, in `inspect_state` and in the tool reference. */
export function requirementsOf(tool: ToolTraits): Requirements {
  return {
    toolset: tool.toolset,
    effect: tool.effect,
    capability: tool.needs.capability,
    kernel: tool.needs.kernel,
    limits: tool.limits ?? {},
    max_time_ms: tool.maxTimeMs,
  };
}
