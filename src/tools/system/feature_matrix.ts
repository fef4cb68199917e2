// What the running kernel takes, counted: the lists of types tell each with its reason.
import * as z from "zod";
import type { Feature } from "../../kernel/features/feature.ts";
import type { KernelFeatures } from "../../kernel/features/features.ts";

const names = z.array(z.string());
const taken = z.object({
  accepted: z.int(),
  total: z.int(),
  refused: names,
  unknown: names.describe('Could not be told; a single "all of N" stands for N names'),
});

export const matrixShape = z.object({
  program_types: taken,
  map_types: taken,
  attach_types: taken.describe("As program type/attach type"),
  helpers: z.array(z.object({
    program_type: z.string(),
    accepted: z.int(),
    total: z.int(),
  })),
}).describe("By live probes; list_bpf_program_types and list_bpf_map_types tell each");

export type Matrix = z.infer<typeof matrixShape>;
type Taken = z.infer<typeof taken>;

/** The types that observe or see packets: each is asked for some 200 helpers. */
const callers = [
  "kprobe",
  "tracepoint",
  "raw_tracepoint",
  "perf_event",
  "tracing",
  "lsm",
  "xdp",
  "sched_cls",
  "cgroup_skb",
];

/** Asks for everything; what was asked before is remembered by `features`. */
export function featureMatrix(features: KernelFeatures): Matrix {
  return {
    program_types: count(features.programTypes()),
    map_types: count(features.mapTypes()),
    attach_types: count(
      features.attachTypes().map((type) => ({ ...type, name: `${type.programType}/${type.name}` })),
    ),
    helpers: callers.flatMap((program_type) => {
      const { calls } = features.helpersFor(program_type);
      if (calls === null) return [];
      const { accepted, total } = count(calls);
      return [{ program_type, accepted, total }];
    }),
  };
}

/** So many names are told even where they are all there are. */
const fewNames = 8;

/** How many of them the kernel takes, and the names of the others, or that it is all. */
export function count(all: readonly Feature[]): Taken {
  const total = all.length;
  const named = (accepted: boolean | null) => {
    const some = all.filter((feature) => feature.accepted === accepted).map(({ name }) => name);
    return some.length === total && total > fewNames ? [`all of ${total}`] : some;
  };
  const accepted = all.filter((feature) => feature.accepted === true).length;
  return { accepted, total, refused: named(false), unknown: named(null) };
}

/** The first names, and how many more there are. */
export function firstNames(names: readonly string[]): string {
  const left = names.length - fewNames;
  return names.slice(0, fewNames).join(", ") + (left > 0 ? ` and ${left} more` : "");
}
