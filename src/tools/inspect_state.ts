// What is in the kernel and in this session: every object, who holds it, where it is attached.
import * as z from "zod";
import { validationError } from "../errors.ts";
import { inSlices, type Slices } from "../slices.ts";
import { defineTool, type ToolContext } from "./define_tool.ts";
import {
  type Filters,
  requireAnswerable,
  requireKnownType,
  type StateField,
  stateFields,
} from "./inspect/filters.ts";
import { answerGraph, graph_limits, type GraphRequest } from "./inspect/graph/answer.ts";
import { Inventory } from "./inspect/inventory.ts";
import { kernelLists } from "./inspect/refusal.ts";
import { state_limits, StateAnswer } from "./inspect/state_answer.ts";
import { type StateOutput, stateOutput } from "./inspect/state_output.ts";
import { kernelId } from "./loaded_shapes.ts";

/** How long owners and hooks are looked for: within the tool's time. */
const PATIENCE_MS = 10_000;

export const inspectState = defineTool({
  name: "inspect_state",
  title: "Inspect programs, maps, links and this session",
  doc: "What BPF holds in this kernel: programs (run counts, hooks), maps (who uses them), " +
    "links, BTF, with owning processes and pins; this session's objects, attachments and " +
    "streams; the host, the tools and what they need, whole verifier logs. Each list has its " +
    "own total and next_cursor. Or graph: what hangs together around one thing (holders, " +
    "hooks, shared maps).",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "CAP_SYS_ADMIN; none for session, system, tools, verifier", kernel: "5.8" },
  limits: { max_items: state_limits.items },
  maxTimeMs: 15_000,
  input: z.strictObject({
    fields: z.array(z.enum(stateFields)).min(1).max(stateFields.length)
      .default(["programs", "maps", "links", "session"]),
    type: z.string().min(1).max(64).optional().describe("Such as xdp, ringbuf, module"),
    name: z.string().min(1).max(128).optional()
      .describe("Part of a name, or a glob; of a link, its program or target"),
    ids: z.array(kernelId).min(1).max(256).optional()
      .describe("Kernel ids in these lists; for verifier, of programs"),
    object_id: z.string().min(1).max(64).optional().describe("Whose verifier logs"),
    pinned_only: z.boolean().default(false),
    mine: z.boolean().default(false).describe("Only what this session made"),
    limit: z.int().min(1).max(state_limits.items).optional().describe(
      `Items of each list (${state_limits.defaultItems}), lines of verifier ` +
        `(${state_limits.defaultLines}), nodes of graph`,
    ),
    graph: z.string().min(3).max(4200).optional().describe(
      'Instead of lists: "program:12", "map:3", "link:4", "pid:99", "container:ID", ' +
        '"unit:NAME", "interface:eth0" or "cgroup:/path"',
    ),
    depth: z.int().min(1).max(graph_limits.depth).optional()
      .describe(`Steps of graph from object to object (${graph_limits.defaultDepth})`),
    cursor: z.string().min(1).max(512).optional()
      .describe("Of one list, named alone in fields"),
  }),
  output: stateOutput,
  async run(args, context) {
    if (args.graph !== undefined) {
      return await inSlices(
        drawGraph({ ...args, graph: args.graph }, context),
        context.request.signal,
      );
    }
    if (args.depth !== undefined) throw withoutGraph();
    const fields = [...new Set(args.fields)];
    requireAnswerable(args, fields);
    if (args.cursor !== undefined) requireSingleList(fields);
    const inventory = new Inventory(context);
    if (args.type !== undefined) requireKnownType(args.type, fields, inventory);
    const answer = new StateAnswer(args, context, inventory);
    const lists = kernelLists.filter((list) => fields.includes(list));
    const deadline = performance.now() + PATIENCE_MS;
    await inSlices(inventory.walkUntil(lists, deadline), context.request.signal);
    return answer.fill(fields);
  },
});

/** Arguments that choose among lists say nothing to a graph. */
const listArguments = [
  "type",
  "name",
  "ids",
  "object_id",
  "pinned_only",
  "mine",
  "cursor",
] as const;

interface GraphArguments extends GraphRequest, Filters {
  readonly cursor?: string;
}

function* drawGraph(args: GraphArguments, context: ToolContext): Slices<StateOutput> {
  const given = listArguments.filter((name) => args[name] !== undefined && args[name] !== false);
  if (given.length > 0) {
    throw validationError(
      "invalid_arguments",
      `Cannot choose part of a graph by ${given.join(" and ")}: give graph, depth and limit alone`,
      { arguments: given, accepted: ["graph", "depth", "limit"] },
    );
  }
  const deadline = performance.now() + PATIENCE_MS;
  const room = { byteBudget: context.request.byteBudget, deadline };
  const { graph, missing } = yield* answerGraph(args, new Inventory(context), room);
  return missing.length === 0 ? { graph } : { graph, missing: [...missing] };
}

function withoutGraph(): Error {
  return validationError("invalid_arguments", "Cannot use depth without graph: it is for graph", {
    arguments: ["depth"],
    accepted: ["graph"],
  });
}

/** A cursor belongs to one list. */
function requireSingleList(fields: readonly StateField[]): void {
  if (fields.length === 1 && fields[0] !== "system") return;
  throw validationError(
    "invalid_arguments",
    `Cannot continue ${fields.join(", ")} with one cursor: name the one list that gave it`,
    { arguments: ["cursor", "fields"], accepted: stateFields.filter((name) => name !== "system") },
  );
}
