// list_bpf_program_types: what kinds of program this kernel takes, and what each may call.
import * as z from "zod";
import { listPatternText } from "../view/list_pattern.ts";
import { defineTool } from "./define_tool.ts";
import { callRow } from "./features/call_row.ts";
import { listCalls, listProgramTypes } from "./features/program_type_answer.ts";
import { programTypeRow } from "./features/program_type_row.ts";
import { missingShape } from "./missing.ts";

const MOST_ITEMS = 1000;

export const listBpfProgramTypes = defineTool({
  name: "list_bpf_program_types",
  title: "List program types and what they may call",
  doc: "BPF program types that this kernel takes, tried live: SEC() names, attach types, " +
    "context, first kernel, capability, or why refused. helpers_for or kfuncs_for: the calls " +
    "that a type may make here, asked of the verifier (10-30 ms, then remembered). Use it " +
    "before writing a program; then get_btf_types for the context.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN to try each type", kernel: "4.18" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 15_000,
  input: z.strictObject({
    pattern: z.string().min(1).max(256).optional().describe(listPatternText),
    helpers_for: z.string().min(1).max(64).optional().describe("Program type, such as xdp"),
    kfuncs_for: z.string().min(1).max(64).optional().describe("Program type; without helpers_for"),
    accepted: z.boolean().optional()
      .describe("Only what is taken, or is refused; of calls those refused only with false"),
    limit: z.int().min(1).max(MOST_ITEMS).default(100),
    cursor: z.string().min(1).max(512).optional(),
  }),
  output: z.object({
    program_types: z.array(programTypeRow).optional(),
    helpers: z.array(callRow).optional(),
    kfuncs: z.array(callRow).optional(),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
    nearest: z.array(z.string()).optional().describe("When nothing matches: what may be meant"),
    missing: missingShape,
  }),
  run(args, { kernel, request }) {
    const asked = { ...args, byteBudget: request.byteBudget };
    return args.helpers_for === undefined && args.kfuncs_for === undefined
      ? listProgramTypes(kernel.features, asked)
      : listCalls(kernel.features, asked);
  },
});
