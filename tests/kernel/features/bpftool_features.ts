// What bpftool finds out about the running kernel, in our terms: a witness that shares no code.
import * as z from "zod";
import { mustRun } from "../../../scripts/command.ts";

const probed = z.looseObject({
  program_types: z.record(z.string(), z.boolean()),
  map_types: z.record(z.string(), z.boolean()),
  helpers: z.record(z.string(), z.array(z.string())),
});

export interface BpftoolFeatures {
  /** By name of the program type. */
  readonly programTypes: ReadonlyMap<string, boolean>;
  /** By name of the map type. */
  readonly mapTypes: ReadonlyMap<string, boolean>;
  /** Names of helpers by program type, as C programs call them. */
  readonly helpers: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function probeWithBpftool(): Promise<BpftoolFeatures> {
  const text = await mustRun("bpftool", ["-j", "feature", "probe", "kernel"]);
  const { program_types, map_types, helpers } = probed.parse(JSON.parse(text));
  const named = <Value>(values: Readonly<Record<string, Value>>, pattern: RegExp) =>
    new Map(Object.entries(values).map(([key, value]) => [key.replace(pattern, "$1"), value]));
  return {
    programTypes: named(program_types, /^have_(.*)_prog_type$/),
    mapTypes: named(map_types, /^have_(.*)_map_type$/),
    helpers: new Map(
      [...named(helpers, /^(.*)_available_helpers$/)].map(([name, list]) => [name, new Set(list)]),
    ),
  };
}

/**
 * Whether this bpftool takes every refusal for a yes: the verifier's words changed in 6.10, and
 * libbpf knows the new ones since 1.5. Then each type that loads seems to have the same helpers.
 */
export function isBlind({ helpers }: BpftoolFeatures): boolean {
  const counts = new Set([...helpers.values()].map(({ size }) => size).filter((size) => size > 0));
  return counts.size === 1;
}
