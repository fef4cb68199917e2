// What hangs together around one thing, as far as an answer has room.
import * as z from "zod";
import type { HeldObject } from "../../../host/fdinfo.ts";
import type { Slices } from "../../../slices.ts";
import { jsonBytes } from "../../../view/page.ts";
import type { Missing } from "../../missing.ts";
import type { Inventory } from "../inventory.ts";
import { Graph, type GraphEdge, type GraphNode, keyOf } from "./graph.ts";
import { addHooks } from "./hook_nodes.ts";
import { ObjectNodes } from "./objects.ts";
import { parseRoot } from "./root.ts";
import { Starts } from "./start.ts";

export const graphAnswer = z.object({
  root: z.string().describe("kind:id of the node that was asked for"),
  nodes: z.array(z.looseObject({ kind: z.string(), id: z.union([z.int(), z.string()]) }))
    .describe("Nearest first, with name, type, mine, unit, container where they apply"),
  edges: z.array(z.tuple([z.string(), z.string(), z.string()]))
    .describe("[kind:id, kind:id, what the first does to the second]"),
  total_nodes: z.int(),
  total_edges: z.int(),
  truncated: z.boolean(),
  hint: z.string(),
});

export type GraphAnswer = z.input<typeof graphAnswer>;

export const graph_limits = {
  depth: 4,
  /** To the programs that share a program's maps, and to what those are attached to. */
  defaultDepth: 2,
} as const;

export interface GraphRequest {
  /** As `program:12`. */
  readonly graph: string;
  /** Steps from object to object. */
  readonly depth?: number;
  readonly limit?: number;
}

export interface GraphRoom {
  readonly byteBudget: number;
  /** Of `performance.now()`: what is not looked at by then is `missing`. */
  readonly deadline: number;
}

/**
 * Draws the graph.
 * @throws validation/invalid_arguments, resource/…_not_found, permission/not_permitted
 */
export function* answerGraph(
  request: GraphRequest,
  inventory: Inventory,
  { byteBudget, deadline }: GraphRoom,
): Slices<{ graph: GraphAnswer; missing: readonly Missing[] }> {
  const root = parseRoot(request.graph);
  yield* inventory.walkUntil(["programs", "maps", "links"], deadline);
  const graph = new Graph();
  const objects = new ObjectNodes(graph, inventory);
  const { key, seeds, missing } = yield* new Starts(graph, objects, inventory, deadline).of(root);
  walk(objects, seeds, request.depth ?? graph_limits.defaultDepth);
  const hidden = yield* addHooks(graph, objects, inventory, deadline);
  const lacks = distinct([...inventory.missing(), ...missing, ...hidden]);
  const left = byteBudget - (lacks.length === 0 ? 0 : jsonBytes(lacks));
  return { graph: cut(graph, key, left, request.limit ?? Infinity), missing: lacks };
}

/** Adds what is around the seeds, then what is around that. */
function walk(objects: ObjectNodes, seeds: readonly HeldObject[], depth: number): void {
  const seen = new Set(seeds.map(keyOf));
  let frontier = [...new Map(seeds.map((seed) => [keyOf(seed), seed])).values()];
  for (let step = 0; step < depth; step++) {
    const next = frontier.flatMap((object) => objects.expand(object));
    frontier = next.filter((object) => {
      const key = keyOf(object);
      return !seen.has(key) && seen.add(key);
    });
  }
}

/** What joins nodes and edges besides commas: names, brackets, totals, the longest hint. */
const FRAME_BYTES = 640;

/** The nearest nodes, and the edges between them, that fit. */
function cut(graph: Graph, root: string, byteBudget: number, limit: number): GraphAnswer {
  const all = graph.nodes;
  const order = new Map(all.map((node, index) => [keyOf(node), index]));
  const edgesOf = Map.groupBy(graph.edges, ([from, to]) => {
    return Math.max(order.get(from) ?? Infinity, order.get(to) ?? Infinity);
  });
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  let left = byteBudget - FRAME_BYTES - jsonBytes(root);
  for (const [index, node] of all.entries()) {
    const joining = edgesOf.get(index) ?? [];
    left -= jsonBytes(node) + joining.reduce((sum, edge) => sum + jsonBytes(edge), 0);
    if (nodes.length > 0 && (left < 0 || nodes.length >= limit)) break;
    nodes.push(node);
    edges.push(...joining);
  }
  const first = all[nodes.length];
  return {
    root,
    nodes: nodes.map((node) => ({ ...node })),
    edges: edges.map(([from, to, relation]) => [from, to, relation]),
    total_nodes: all.length,
    total_edges: graph.edges.length,
    truncated: first !== undefined || !graph.complete,
    hint: first === undefined ? whatNext(nodes) : whatIsCut(graph, first),
  };
}

function whatIsCut(graph: Graph, first: GraphNode): string {
  const more = graph.complete ? "" : " There is more than was counted.";
  return `Nearest nodes come first; the rest begins with ${keyOf(first).slice(0, LONGEST_KEY)}: ` +
    `ask for depth 1, or for the graph of a node that is here.${more}`;
}

/** What a hint quotes of a key. */
const LONGEST_KEY = 100;

/** The call that answers what a reader of this graph asks next. */
function whatNext(nodes: readonly GraphNode[]): string {
  const map = nodes.find(({ kind }) => kind === "map");
  const program = nodes.find(({ kind }) => kind === "program");
  const dump = map === undefined ? [] : [`map_dump {map_id: ${map.id}} reads a map`];
  const show = program === undefined
    ? []
    : [`inspect_state {fields: ["programs"], ids: [${program.id}]} has a program's numbers`];
  const around = nodes.length > 1
    ? "graph of any kind:id here shows what is around it"
    : "nothing of BPF that can be seen hangs together with it; inspect_state {} lists what is";
  return [...dump, ...show, around].join("; ");
}

function distinct(missing: readonly Missing[]): Missing[] {
  return [...new Map(missing.map((one) => [one.what, one])).values()];
}
