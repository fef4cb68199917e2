// What may come out of the code under test: a result, or one of the refusals that are documented.
import { EBPFError } from "../../src/errors.ts";

/** Something came out that should not; the message says what. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
}

export function expect(condition: boolean, describe: () => string): asserts condition {
  if (!condition) throw new FuzzFailure(describe());
}

/** Refusals as `category/code`. */
export type Allowed = ReadonlySet<string>;

/** What `work` gives; null when it refused in one of the `allowed` ways. */
export function attempt<Value>(allowed: Allowed, work: () => Value): Value | null {
  try {
    return work();
  } catch (error) {
    checkRefusal(allowed, error);
    return null;
  }
}

/** Throws unless `error` is one of ours, allowed here, and says what somebody can act on. */
export function checkRefusal(allowed: Allowed, error: unknown): asserts error is EBPFError {
  if (!(error instanceof EBPFError)) throw error;
  const way = `${error.category}/${error.code}`;
  expect(allowed.has(way), () => `refused as ${way}: ${error.message}`);
  expect(error.message.length > 0 && error.message.length < 20_000, () => {
    return `the message of ${way} has ${error.message.length} characters`;
  });
}
