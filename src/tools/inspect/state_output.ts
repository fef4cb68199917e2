// What inspect_state answers. The rows' own schemas are in their files; here they are shortened to
// what a reader needs to go on, for every client pays for this schema in each tools/list.
import * as z from "zod";
import type { SystemAnswer } from "../describe_system.ts";
import { missingShape } from "../missing.ts";
import { graphAnswer } from "./graph/answer.ts";
import { verifierPage } from "./verifier_log.ts";

const end = {
  total: z.int(),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
};

function pageOf<Shape extends z.ZodRawShape>(shape: Shape, others: string) {
  return z.object({ items: z.array(z.looseObject(shape)).describe(others), ...end }).optional();
}

const surroundings = "mine, pins, owners [{pid, comm, fd}], and omitted where a list was cut";

export const stateOutput = z.object({
  statistics: z.enum(["on", "off", "unknown"]).optional()
    .describe("Whether the kernel counts runs of programs; off: counts are null or of the past"),
  programs: pageOf(
    { program_id: z.int(), name: z.string(), type: z.string() },
    "With tag, attached [{link_id, attachment_id, target}], run_count, run_time_ns, " +
      "translated_instructions, verified_instructions, jited_bytes, memory_bytes, loaded_at, " +
      `uid, gpl_compatible, btf_id, map_ids, ${surroundings}`,
  ),
  maps: pageOf(
    { map_id: z.int(), name: z.string(), type: z.string() },
    "With key_bytes, value_bytes, max_entries, flags, memory_bytes, frozen, btf_id, used_by " +
      `[{program_id, name}], ${surroundings}`,
  ),
  links: pageOf(
    { link_id: z.int(), type: z.string(), target: z.string() },
    `With program_id, program_name, hook (the target as fields), ${surroundings}`,
  ),
  btf: pageOf(
    { btf_id: z.int(), name: z.string().nullable(), type: z.string() },
    "With bytes, program_ids, map_ids, mine, owners, omitted",
  ),
  system: z.custom<SystemAnswer>().optional().describe("As system_info answers"),
  session: pageOf(
    { kind: z.enum(["object", "attachment", "stream"]) },
    "With object_id, programs and maps; attachment_id, target and links; or stream_id and counts",
  ),
  tools: pageOf(
    { name: z.string(), toolset: z.string(), effect: z.string() },
    "With title, capability, kernel (first Linux version), limits, max_time_ms",
  ),
  verifier: verifierPage.optional(),
  missing: missingShape.optional(),
  graph: graphAnswer.optional(),
  notes: z.array(z.string()).optional().describe("What limits this answer, and what to do"),
});

export type StateOutput = z.input<typeof stateOutput>;
