// inspect_hooks: what is attached where on this host.
import * as z from "zod";
import { inSlices } from "../slices.ts";
import { listPattern, listPatternText } from "../view/list_pattern.ts";
import { jsonBytes, listOf } from "../view/page.ts";
import { defineTool } from "./define_tool.ts";
import { type FoundHook, sortKey } from "./hooks/found_hook.ts";
import { hookKinds } from "./hooks/hook_kinds.ts";
import { hookRow, HookRows } from "./hooks/hook_row.ts";
import { pageByText } from "./hooks/page_by_text.ts";
import { HookSurvey } from "./hooks/survey.ts";
import { Inventory } from "./inspect/inventory.ts";
import { missingShape } from "./missing.ts";

const MOST_ITEMS = 1000;
/** How long the places are looked at, and until when owners are: within the tool's time. */
const SURVEY_MS = 9_000;
const OWNERS_MS = 12_000;
/** JSON around the rows. */
const FRAME_BYTES = 512;

export const inspectHooks = defineTool({
  name: "inspect_hooks",
  title: "Inspect what is attached where",
  doc: "BPF programs attached on this host, by anyone, with link_id, owning processes and their " +
    "unit or container: XDP, tc, netfilter in all network namespaces that can be entered; " +
    "cgroups; probes, tracepoints, LSM, perf events, with or without a link; struct_ops, " +
    "sockmaps, iterators. cgroup: a group's own programs; cgroup_effective: inherited too. " +
    "20-300 ms. Next: inspect_state with ids.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "CAP_SYS_ADMIN and CAP_NET_ADMIN; less tells less", kernel: "5.8" },
  limits: { max_items: MOST_ITEMS },
  maxTimeMs: 15_000,
  input: z.strictObject({
    kind: z.enum(hookKinds).optional().describe("Default: all but cgroup_effective"),
    target: z.string().min(1).max(256).optional().describe(
      "Interface, direction, network namespace, cgroup path, function, file or map. " +
        listPatternText,
    ),
    limit: z.int().min(1).max(MOST_ITEMS).default(100),
    cursor: z.string().min(1).max(2048).optional(),
  }),
  output: z.object({
    hooks: z.array(hookRow),
    total: z.int(),
    truncated: z.boolean(),
    next_cursor: z.string().nullable(),
    by_kind: z.record(z.string(), z.int()).describe("How many of the total"),
    looked_at: z.object({
      network_namespaces: z.int().optional(),
      control_groups: z.int().optional(),
    }),
    missing: missingShape,
  }),
  async run({ kind, target, limit, cursor }, context) {
    const matches = target === undefined
      ? () => true
      : listPattern(target, { argument: "target", names: "paths" });
    const inventory = new Inventory(context);
    const kinds = kind === undefined
      ? hookKinds.filter((one) => one !== "cgroup_effective")
      : [kind];
    const { signal, byteBudget: room } = context.request;
    const started = performance.now();
    const question = { wanted: new Set(kinds), matches, deadline: started + SURVEY_MS };
    const survey = await inSlices(HookSurvey.make(inventory, question), signal);
    await inSlices(inventory.readHolders(started + OWNERS_MS), signal);
    const found = survey.hooks
      .filter(({ names }) => target === undefined || names.some(matches))
      .map((hook) => ({ key: sortKey(hook), hook }))
      .sort((a, b) => a.key < b.key ? -1 : 1);
    const rows = new HookRows(inventory);
    const frame = {
      by_kind: countByKind(found.map(({ hook }) => hook)),
      looked_at: survey.lookedAt,
      missing: [
        ...survey.missing,
        ...inventory.missing(),
        ...(inventory.ownersComplete ? [] : [ownersCut]),
      ],
    };
    const byteBudget = room - FRAME_BYTES - jsonBytes(frame);
    const list = listOf("inspect_hooks", { kind, target });
    const request = { limit, byteBudget, ...(cursor === undefined ? {} : { cursor }) };
    const { items, ...end } = pageByText(list, found, request, ({ hook }) => rows.describe(hook));
    return { hooks: items, ...end, ...frame };
  },
});

const ownersCut = {
  what: "owners of some hooks",
  why: "looking at every open file of this host took too long",
  remedy: "ask again when the host is less busy",
};

function countByKind(hooks: readonly FoundHook[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of hooks) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
