// The tables that ffi/library.ts opens against the rows of the header files.
import type { Problem } from "./problem.ts";
import type { SymbolRow } from "./tables.ts";

/** The merged table of each library. */
export type OpenedTables = Readonly<
  Record<SymbolRow["library"], Readonly<Record<string, unknown>>>
>;

/** Rows that ffi/library.ts forgets, or of which another header's row takes the place. */
export function compareOpened(rows: readonly SymbolRow[], opened: OpenedTables): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const { library, key: subject, header } of rows) {
    const other = seen.get(`${library} ${subject}`);
    if (other !== undefined) problems.push({ subject, header, message: `is in ${other} too` });
    seen.set(`${library} ${subject}`, header);
    if (!(subject in opened[library])) {
      problems.push({ subject, header, message: "is not among those that ffi/library.ts opens" });
    }
  }
  return problems;
}
