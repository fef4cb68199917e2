// What is fuzzed: where its inputs come from, what is done with one, and what counts as wrong.
import type { Random } from "./random.ts";

export interface Target {
  readonly name: string;
  /** What reads the inputs: of these files' lines most must run. A folder ends in a slash. */
  readonly files: readonly string[];
  /** Cases in `deno task test`, and in `deno task fuzz`. */
  readonly cases: { readonly short: number; readonly long: number };
  /** Whether two processes may share the work, or the kernel's state forbids it. */
  readonly processes: 1 | 2;
  /** How long one case may take, */
  readonly caseMs: number;
  /** of this process's time on a processor, or of everybody's time where others do the work. */
  readonly clock: "processor" | "wall";
  /** Collects what inputs are made of, and opens what they run against. */
  prepare(): Promise<Prepared>;
}

/** "past": the input got past the first check of its form, so that the code behind it was tried. */
export type Depth = "past" | "refused";

/** A target that is ready to run. */
export interface Prepared extends AsyncDisposable {
  /** The bytes of one input. Depends on `random` alone and on what the machine's objects are. */
  make(random: Random): Uint8Array<ArrayBuffer>;
  /** Makes ready what the input before may have used up; takes no part of a case's time. */
  renew?(): Promise<void>;
  /** Tries one input. Throws when what happens should not; the input alone decides. */
  run(input: Uint8Array<ArrayBuffer>): Depth | Promise<Depth>;
  /** Looks, now and then and at the end, whether something is left that should be gone. */
  settle?(): Promise<void>;
}
