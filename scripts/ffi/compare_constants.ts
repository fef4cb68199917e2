// Constants and system call numbers against the headers: a pure comparison.
import type { Problem } from "./problem.ts";
import type { SourceConstant } from "./source_constants.ts";

/** What the installed headers say about one constant. */
export interface ConstantFacts {
  value: bigint;
  /** Header that defines it. */
  header: string;
}

/** Every disagreement. What no header defines is a constant of our own and not compared. */
export function compareConstants(
  constants: readonly SourceConstant[],
  facts: ReadonlyMap<string, ConstantFacts>,
): Problem[] {
  return constants.flatMap(({ name, value, file }) => {
    const found = facts.get(name);
    if (found === undefined || found.value === value) return [];
    const message = `is ${value} in ${file}, wanted ${found.value}`;
    return [{ subject: name, header: found.header, message }];
  });
}

/** System call numbers of one architecture: its header, and each number there by name. */
export interface SystemCallFacts {
  header: string;
  numbers: ReadonlyMap<string, bigint>;
}

export type SystemCallTables = Readonly<Record<string, Readonly<Record<string, bigint>>>>;

/** Every disagreement between our numbers and the headers, architecture by architecture. */
export function compareSystemCalls(
  tables: SystemCallTables,
  facts: ReadonlyMap<string, SystemCallFacts>,
): Problem[] {
  const problems: Problem[] = [];
  for (const [architecture, numbers] of Object.entries(tables)) {
    const found = facts.get(architecture);
    const header = found?.header ?? architecture;
    for (const [name, current] of Object.entries(numbers)) {
      const wanted = found?.numbers.get(name);
      if (wanted === current) continue;
      const message = wanted === undefined
        ? "the header has no number for it"
        : `number is ${current}, wanted ${wanted}`;
      problems.push({ subject: `${name} on ${architecture}`, header, message });
    }
  }
  return problems;
}
