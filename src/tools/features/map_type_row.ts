// One map type as it stands in an answer.
import * as z from "zod";
import type { KernelFeatures } from "../../kernel/features/features.ts";
import type { MapLimits, Run } from "../../kernel/features/map_limits.ts";
import type { MapTypeFeature } from "../../kernel/features/map_types.ts";
import { verdictShape } from "./program_type_row.ts";
import { verdictOf } from "./refusal_text.ts";

/** The largest that are tried: what is taken up to there may go on. */
const largest_tried = { bytes: 65_536, entries: 8192 };

const wants = ["btf", "inner_map", "kernel_struct"] as const;

export const mapTypeRow = z.object({
  name: z.string(),
  number: z.int(),
  description: z.string().optional(),
  ...verdictShape,
  since: z.string().optional().describe("First Linux version"),
  capability: z.string(),
  key_bytes: z.string().optional().describe("Sizes that were taken, such as 4; 1..512; 1 or more"),
  value_bytes: z.string().optional(),
  max_entries: z.string().optional().describe("0: none may be given"),
  needs: z.array(z.enum(wants)).optional()
    .describe("BTF of key and value, an inner map, a struct of operations"),
  flags_needed: z.array(z.string()).optional(),
  flags_taken: z.array(z.string()).optional().describe("Each may be added alone"),
  can_be_inner: z.boolean().nullable().optional().describe("May be put into a map of maps"),
});
export type MapTypeRow = z.infer<typeof mapTypeRow>;

export function mapTypeRowOf(type: MapTypeFeature, features: KernelFeatures): MapTypeRow {
  const facts = features.mapTypeFacts(type.name);
  const base = {
    name: type.name,
    number: type.number,
    ...(facts === null ? {} : { description: facts.description }),
    ...verdictOf(type),
    ...(facts === null ? {} : { since: facts.since }),
    capability: capabilityText(facts?.capabilities ?? ["CAP_BPF"]),
  };
  const details = type.accepted === true ? features.mapTypeDetails(type.name) : null;
  if (details === null) return base;
  const { limits, needsBtf, needsInnerMap, needsKernelStruct, canBeInner } = details;
  const needed = { btf: needsBtf, inner_map: needsInnerMap, kernel_struct: needsKernelStruct };
  return {
    ...base,
    ...(limits === null ? {} : sizesOf(limits)),
    needs: wants.filter((name) => needed[name]),
    can_be_inner: canBeInner,
  };
}

function sizesOf({ key, value, maxEntries, flagsNeeded, flagsTaken }: MapLimits) {
  return {
    key_bytes: key === null ? "as its BTF type" : runsText(key, largest_tried.bytes),
    value_bytes: value === null ? "as its BTF type" : runsText(value, largest_tried.bytes),
    max_entries: runsText(maxEntries, largest_tried.entries),
    flags_needed: [...flagsNeeded],
    flags_taken: [...flagsTaken],
  };
}

/** `4`, `4, 8`, `1..512`, `1 or more`. */
function runsText(runs: readonly Run[], largest: number): string {
  return runs.map(({ from, to }) => {
    if (to >= largest) return `${from} or more`;
    return from === to ? `${from}` : `${from}..${to}`;
  }).join(", ");
}

/** Where the host lets everybody use BPF, some types take none. */
function capabilityText(capabilities: readonly string[]): string {
  if (capabilities.length > 0) return capabilities.join(" and ");
  return "CAP_BPF unless kernel.unprivileged_bpf_disabled is 0";
}
