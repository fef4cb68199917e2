// A whole program where the command line wants one that may load late.
import type { Entry, Program } from "../../src/cli/command.ts";

export function entryOf(program: Program): Entry {
  const { registry, terminal } = program;
  return { offers: registry.offers, terminal, load: () => Promise.resolve(program) };
}
