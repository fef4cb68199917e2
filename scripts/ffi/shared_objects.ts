// Functions that a shared object really exports, with the version that it needs of it.
import type { Problem } from "./problem.ts";
import type { SymbolRow } from "./tables.ts";

/** What one shared object exports: for each function its symbol versions (`GLIBC_2.28`). */
export interface Exports {
  /** As it is named in messages. */
  name: string;
  library: SymbolRow["library"];
  versions: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The oldest glibc and libbpf that this program runs with, as their symbol versions say it. */
const FLOORS: Readonly<Record<SymbolRow["library"], readonly [prefix: string, floor: string]>> = {
  libc: ["GLIBC_", "2.28"],
  libbpf: ["LIBBPF_", "1.1.0"],
};

/** Reads `nm -D` of the object at `path`. */
export async function readExports(
  library: SymbolRow["library"],
  name: string,
  path: string,
): Promise<Exports> {
  const command = new Deno.Command("nm", { args: ["-D", "--defined-only", path] });
  const { stdout, stderr, success } = await command.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot read ${path}: ${decoder.decode(stderr).trim()}`);
  const versions = new Map<string, Set<string>>();
  for (const line of decoder.decode(stdout).split("\n")) {
    const match = /^[0-9a-f]+ [TWi] (\w+)(?:@+(\S+))?$/.exec(line);
    if (match === null) continue;
    const [, symbol = "", version = ""] = match;
    versions.set(symbol, (versions.get(symbol) ?? new Set()).add(version));
  }
  return { name, library, versions };
}

/**
 * Rows whose function the object lacks or has only in a version above our floor, and rows that are
 * optional although the floor has them.
 */
export function compareExports(rows: readonly SymbolRow[], { name, library, versions }: Exports) {
  const problems: Problem[] = [];
  const [prefix, floor] = FLOORS[library];
  for (const { key: subject, header, symbol, presence } of rows) {
    const found = [...versions.get(symbol) ?? []];
    const reachable = found.some((version) => isOldEnough(version, prefix, floor));
    let message: string | null = null;
    if (presence === "optional") {
      if (reachable) message = `is optional, wanted required: ${prefix}${floor} has it`;
    } else if (found.length === 0) {
      message = `${name} does not export ${symbol}`;
    } else if (!reachable) {
      message = `needs ${found.join(" or ")}, wanted ${prefix}${floor} or older, or optional`;
    }
    if (message !== null) problems.push({ subject, header, message });
  }
  return problems;
}

function isOldEnough(version: string, prefix: string, floor: string): boolean {
  if (!version.startsWith(prefix)) return version === "";
  const current = version.slice(prefix.length).split(".").map(Number);
  const wanted = floor.split(".").map(Number);
  for (const [index, part] of current.entries()) {
    const limit = wanted[index] ?? 0;
    if (part !== limit) return part < limit;
  }
  return true;
}
