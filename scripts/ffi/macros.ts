// Which files define a macro, from the preprocessor's output.
import { includeName } from "./include_tree.ts";

/** Reads `clang -E -dD`: for each macro the files that define it. */
export function macroFiles(output: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  let file = "";
  for (const line of output.split("\n")) {
    const marker = /^# \d+ "([^"]+)"/.exec(line);
    if (marker !== null) {
      file = includeName(marker[1] ?? "");
      continue;
    }
    const name = /^#define (\w+)\b/.exec(line)?.[1];
    if (name !== undefined) found.set(name, (found.get(name) ?? new Set()).add(file));
  }
  return found;
}
