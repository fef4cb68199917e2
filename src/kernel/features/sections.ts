// Section names of BPF objects by program type, as loaders know them.
import type { KnownPair } from "./attach_types.ts";
import { sections } from "./sections.gen.ts";

/** A section name; one that ends in `+` may go on with `/` and a target. */
export interface SectionName {
  readonly section: string;
  /** Name of the attach type that the section implies; null where it implies none. */
  readonly attach: string | null;
}

/** Those of one program type, in libbpf's order. */
export function sectionsOf(program: string): SectionName[] {
  return sections.filter((section) => section.program === program)
    .map(({ section, attach }) => ({ section, attach }));
}

/** Pairs of program and attach type that sections imply. */
export function knownPairs(): KnownPair[] {
  return sections.flatMap(({ program, attach }) => attach === null ? [] : [{ program, attach }]);
}
