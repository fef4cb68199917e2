// How many types of each kind bpftool finds in BTF.
import { mustRun } from "../../scripts/command.ts";

/** `bpftool btf dump ARGS`, counted by kind in our words: `func_proto`, `enum64`. */
export async function countKinds(...args: string[]): Promise<Record<string, number>> {
  const dump = await mustRun("bpftool", ["btf", "dump", ...args, "format", "raw"]);
  const counts: Record<string, number> = {};
  for (const [, kind] of dump.matchAll(/^\[\d+\] ([A-Z0-9_]+) /gm)) {
    const name = kind.toLowerCase();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
