// What inspect_state answers, with every row in full; its own output schema is shortened.
import * as z from "zod";
import { missingShape } from "../../src/tools/missing.ts";
import { systemAnswer } from "../../src/tools/describe_system.ts";
import { btfRow } from "../../src/tools/inspect/btf_row.ts";
import { graphAnswer } from "../../src/tools/inspect/graph/answer.ts";
import { linkRow } from "../../src/tools/inspect/link_row.ts";
import { mapRow } from "../../src/tools/inspect/map_row.ts";
import { programRow } from "../../src/tools/inspect/program_row.ts";
import { sessionRow } from "../../src/tools/inspect/session_row.ts";
import { toolRow } from "../../src/tools/inspect/tool_row.ts";
import { verifierPage } from "../../src/tools/inspect/verifier_log.ts";

function pageOf<Row extends z.ZodType>(row: Row) {
  return z.strictObject({
    items: z.array(row),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
  }).optional();
}

export const stateAnswer = z.strictObject({
  statistics: z.enum(["on", "off", "unknown"]).optional(),
  programs: pageOf(programRow.strict()),
  maps: pageOf(mapRow.strict()),
  links: pageOf(linkRow.strict()),
  btf: pageOf(btfRow.strict()),
  system: systemAnswer.optional(),
  session: pageOf(sessionRow),
  tools: pageOf(toolRow.strict()),
  verifier: verifierPage.strict().optional(),
  missing: missingShape.optional(),
  graph: graphAnswer.strict().optional(),
  notes: z.array(z.string()).optional(),
  tool_version: z.string(),
  execution_time_ms: z.number(),
});
