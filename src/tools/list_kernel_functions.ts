// list_kernel_functions: which functions this kernel has, and what can be put on each.
import * as z from "zod";
import { listPatternText } from "../view/list_pattern.ts";
import { jsonBytes, listOf, pageOf } from "../view/page.ts";
import { defineTool } from "./define_tool.ts";
import { hiddenAddresses } from "./functions/absent.ts";
import { readFunctionSource } from "./functions/function_source.ts";
import { functionExtras, FunctionListing, functionRow } from "./functions/listing.ts";
import { barriersOf, probeKinds, reasons } from "./functions/probing.ts";
import { missingShape } from "./missing.ts";

const MOST_ITEMS = 1000;
/** JSON around the rows, and the reasons that they may give. */
const FRAME_BYTES = 1100;

export const listKernelFunctions = defineTool({
  name: "list_kernel_functions",
  title: "List the kernel's functions",
  doc: "Functions of this kernel and its modules, and whether kprobe, fentry and fexit programs " +
    "can be put on each, and why not. with: its C prototype from BTF. nearest: what may be " +
    "meant when nothing matches; what is not here was inlined or renamed. 50 ms the first " +
    "time, then 5. Prefer list_tracepoints.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none; CAP_SYSLOG for addresses", kernel: "4.18" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 60_000,
  input: z.strictObject({
    pattern: z.string().min(1).max(256).optional().describe(listPatternText),
    module: z.string().min(1).max(128).optional().describe("A module, or vmlinux"),
    traceable_only: z.boolean().default(false).describe("Only where at least one can be put"),
    with: z.array(z.enum(functionExtras)).max(functionExtras.length).default([]),
    limit: z.int().min(1).max(MOST_ITEMS).default(100),
    cursor: z.string().min(1).max(2048).optional(),
  }),
  output: z.object({
    functions: z.array(functionRow),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
    unavailable: z.record(z.string(), z.string())
      .describe("Kinds of probes that no function can take here, and why"),
    reasons: z.record(z.string(), z.string()).describe("What the codes of why_not say"),
    nearest: z.array(z.string()).optional().describe("When nothing matches: what may be meant"),
    missing: missingShape,
  }),
  async run({ limit, cursor, with: extras, ...filter }, context) {
    const source = await readFunctionSource(
      context,
      extras.includes("address") ? "with addresses" : "without addresses",
    );
    const barriers = barriersOf(source.kprobes, source.programs);
    const listing = new FunctionListing(source, barriers);
    const missing = [...source.missing];
    if (extras.includes("address") && !listing.showsAddresses()) missing.push(hiddenAddresses);
    const unavailable = Object.fromEntries(
      probeKinds.flatMap((kind) => barriers[kind] === null ? [] : [[kind, barriers[kind]]]),
    );
    const selected = listing.select(filter);
    const list = listOf("list_kernel_functions", filter);
    const bytes = context.request.byteBudget - FRAME_BYTES - jsonBytes(missing) -
      jsonBytes(unavailable);
    const request = { limit, byteBudget: bytes, ...(cursor === undefined ? {} : { cursor }) };
    const wanted = new Set(extras);
    const { items, ...rest } = pageOf(list, selected, request, (index) => {
      return listing.row(index, wanted);
    });
    return {
      functions: items,
      ...rest,
      unavailable,
      reasons: Object.fromEntries([...listing.given].sort().map((code) => [code, reasons[code]])),
      ...(rest.total === 0 ? { nearest: listing.nearest(filter) } : {}),
      missing,
    };
  },
});
