// What inspect_state answers.
import * as z from "zod";
import { systemAnswer } from "../describe_system.ts";
import { btfRow } from "./btf_row.ts";
import { linkRow } from "./link_row.ts";
import { mapRow } from "./map_row.ts";
import { programRow } from "./program_row.ts";
import { sessionRow } from "./session_row.ts";
import { toolRow } from "./tool_row.ts";
import { verifierPage } from "./verifier_log.ts";

function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({
    items: z.array(row),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
  }).optional();
}

export const stateOutput = z.object({
  statistics: z.enum(["on", "off", "unknown"]).optional()
    .describe("Whether the kernel counts runs of programs; off: counts are null or of the past"),
  programs: pageOf(programRow),
  maps: pageOf(mapRow),
  links: pageOf(linkRow),
  btf: pageOf(btfRow),
  system: systemAnswer.optional(),
  session: pageOf(sessionRow),
  tools: pageOf(toolRow),
  verifier: verifierPage.optional(),
  notes: z.array(z.string()).optional().describe("What limits this answer, and what to do"),
});

export type StateOutput = z.input<typeof stateOutput>;
