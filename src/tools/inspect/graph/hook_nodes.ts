// Where the programs and links of a graph are attached.
import type { Slices } from "../../../slices.ts";
import { visibleLine } from "../../../view/text.ts";
import type { FoundHook } from "../../hooks/found_hook.ts";
import { type HookKind, hookKinds, kindsOf } from "../../hooks/hook_kinds.ts";
import { HookSurvey } from "../../hooks/survey.ts";
import type { Missing } from "../../missing.ts";
import type { Inventory } from "../inventory.ts";
import { type Graph, keyOf } from "./graph.ts";
import { HALF_STEP, type ObjectNodes } from "./objects.ts";

/** Adds a hook; its key. */
export function addHook({ kind, place }: FoundHook, distance: number, graph: Graph): string {
  return graph.add({ kind: "hook", id: visibleLine(`${kind} ${place}`) }, distance);
}

/** Kinds that take a walk of the host, by the program types that can be there. */
const costly: readonly (readonly [kinds: readonly HookKind[], types: RegExp])[] = [
  [kindsOf.network, /^(xdp|sched_cls|sched_act|flow_dissector|sk_lookup)$/],
  [kindsOf.cgroup, /^(cgroup_.*|sock_ops|lsm)$/],
  [kindsOf.perf, /^(kprobe|tracepoint|raw_tracepoint.*|perf_event|tracing)$/],
  [kindsOf.sockmap, /^(sk_skb|sk_msg)$/],
];

/**
 * Adds the hooks of every program and link in the graph; what could not be looked at by a moment of
 * `performance.now()`, or at all.
 */
export function* addHooks(
  graph: Graph,
  objects: ObjectNodes,
  inventory: Inventory,
  deadline: number,
): Slices<readonly Missing[]> {
  const programs = graph.nodes.filter(({ kind }) => kind === "program");
  if (programs.length === 0) return [];
  const types = new Set(programs.map(({ type = "" }) => type));
  const left = costly.filter(([_, pattern]) => ![...types].some((type) => pattern.test(type)));
  const skipped = new Set<HookKind>(["cgroup_effective", ...left.flatMap(([kinds]) => kinds)]);
  const wanted = new Set(hookKinds.filter((kind) => !skipped.has(kind)));
  const { hooks, missing } = yield* HookSurvey.make(inventory, {
    wanted,
    matches: () => true,
    deadline,
  });
  for (const hook of hooks) {
    const { linkId, programId, holders = [] } = hook;
    const subject = linkId !== null
      ? keyOf({ kind: "link", id: linkId })
      : keyOf({ kind: "program", id: programId ?? 0 });
    const distance = graph.distanceOf(subject);
    if (distance === Infinity) continue;
    const key = addHook(hook, distance + HALF_STEP, graph);
    graph.connect(subject, key, "is attached to");
    for (const holder of holders) {
      const process = objects.addProcess(holder, distance + HALF_STEP);
      graph.connect(process, key, "holds");
    }
  }
  return missing;
}
