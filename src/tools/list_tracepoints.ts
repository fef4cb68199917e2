// list_tracepoints: which tracepoints this kernel has, and what a program gets from each.
import * as z from "zod";
import { listPatternText } from "../view/list_pattern.ts";
import { jsonBytes, listOf, pageOf } from "../view/page.ts";
import { defineTool } from "./define_tool.ts";
import { missingShape } from "./missing.ts";
import { listTracepointNames } from "./tracepoints/listing.ts";
import { tracepointFields, tracepointRow, TracepointRows } from "./tracepoints/row.ts";

const MOST_ITEMS = 1000;
/** JSON around the rows. */
const FRAME_BYTES = 640;

export const listTracepoints = defineTool({
  name: "list_tracepoints",
  title: "List the kernel's tracepoints",
  doc: "Tracepoints of this kernel as category:name, for attach_program and for writing " +
    "programs. fields adds arguments (the record of SEC(tracepoint/…) programs), id, format " +
    "(how the kernel prints it), btf_arguments (what SEC(raw_tp/…) and SEC(tp_btf/…) get). " +
    "Stabler than functions: look here first, then list_kernel_functions.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none, but permission to read tracefs (root)", kernel: "4.7" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 10_000,
  input: z.strictObject({
    category: z.string().min(1).max(128).optional().describe("Such as sched, or a pattern"),
    pattern: z.string().min(1).max(256).optional().describe(listPatternText),
    fields: z.array(z.enum(tracepointFields)).max(tracepointFields.length).default([])
      .describe("What else to tell of each"),
    limit: z.int().min(1).max(MOST_ITEMS).default(100),
    cursor: z.string().min(1).max(2048).optional(),
  }),
  output: z.object({
    tracepoints: z.array(tracepointRow),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
    nearest: z.array(z.string()).optional().describe("When nothing matches: what may be meant"),
    missing: missingShape,
  }),
  run({ fields, limit, cursor, ...filter }, context) {
    const listed = listTracepointNames(context, filter);
    const bytes = context.request.byteBudget - FRAME_BYTES - jsonBytes(listed.missing);
    const rows = new TracepointRows(context, fields, bytes);
    const list = listOf("list_tracepoints", filter);
    const request = { limit, byteBudget: bytes, ...(cursor === undefined ? {} : { cursor }) };
    const { items, ...rest } = pageOf(list, listed.tracepoints, request, (tracepoint) => {
      return typeof tracepoint === "string"
        ? rows.describeRaw(tracepoint)
        : rows.describe(tracepoint);
    });
    return {
      tracepoints: items,
      ...rest,
      ...(rest.total === 0 ? { nearest: [...listed.nearest] } : {}),
      missing: [...listed.missing, ...rows.missing],
    };
  },
});
