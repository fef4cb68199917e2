// Stacks as lines, `outer;inner COUNT`: what tools that draw flame graphs read.
import { visibleLine } from "../text.ts";
import type { CountedStack } from "./flame_tree.ts";

/** One line per stack, the most frequent first. A semicolon in a name becomes a colon. */
export function foldedStacks(stacks: readonly CountedStack[]): string[] {
  return stacks.toSorted((one, other) => other.count - one.count).map(({ frames, count }) => {
    const names = frames.map(({ name }) => visibleLine(name).replaceAll(";", ":"));
    return `${names.join(";")} ${count}`;
  });
}
