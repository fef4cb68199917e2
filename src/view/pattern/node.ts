// A pattern as a tree.
import type { CharacterSet } from "./character_set.ts";

export type PatternNode =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  /** `max` is Infinity without a limit. */
  | {
    readonly kind: "repeat";
    readonly body: PatternNode;
    readonly min: number;
    readonly max: number;
  }
  /** The name's first place. */
  | { readonly kind: "start" }
  /** The place behind the name's last unit. */
  | { readonly kind: "end" };

/** What is wrong in a pattern, as the end of a sentence. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}
