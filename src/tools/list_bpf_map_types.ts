// list_bpf_map_types: what kinds of map this kernel takes, and with which sizes and flags.
import * as z from "zod";
import { listPatternText } from "../view/list_pattern.ts";
import { defineTool } from "./define_tool.ts";
import { FeatureList } from "./features/feature_list.ts";
import { mapTypeRow, mapTypeRowOf } from "./features/map_type_row.ts";
import { notPermitted } from "./features/refusal_text.ts";
import { giveWay } from "../slices.ts";
import { missingShape } from "./missing.ts";

const MOST_ITEMS = 1000;

export const listBpfMapTypes = defineTool({
  name: "list_bpf_map_types",
  title: "List map types and what they want",
  doc: "BPF map types that this kernel takes, tried live: first kernel, capability, sizes of " +
    "keys and values, counts of entries and flags taken or needed, whether it wants BTF or an " +
    "inner map, or can be one. 10-100 ms, then remembered. For choosing a map; inspect_state " +
    "shows those that exist.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "CAP_BPF, CAP_NET_ADMIN to try each type", kernel: "4.18" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 15_000,
  input: z.strictObject({
    pattern: z.string().min(1).max(256).optional().describe(listPatternText),
    accepted: z.boolean().optional().describe("Only what is taken, or is not"),
    limit: z.int().min(1).max(MOST_ITEMS).default(100),
    cursor: z.string().min(1).max(512).optional(),
  }),
  output: z.object({
    map_types: z.array(mapTypeRow),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
    nearest: z.array(z.string()).optional().describe("When nothing matches: what may be meant"),
    missing: missingShape,
  }),
  async run(args, { kernel: { features }, request }) {
    const types = features.mapTypes();
    const missing = notPermitted("map types", types, (name) => {
      return ["CAP_BPF", ...features.mapTypeFacts(name)?.capabilities ?? []];
    });
    const asked = { ...args, byteBudget: request.byteBudget };
    const list = new FeatureList("list_bpf_map_types", types, asked, missing, {
      nameOf: ({ name }) => name,
      rowOf: (type) => mapTypeRowOf(type, features),
    });
    for (const _row of list.ahead()) {
      await giveWay(request.signal);
    }
    const { items, ...rest } = list.page();
    return { map_types: items, ...rest, missing };
  },
});
