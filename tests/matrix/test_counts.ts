// How many tests each kernel of the matrix runs: one that is skipped or lost is red.
import { gadgetTestCount, type GadgetTests } from "./gadgets.ts";

/** Tests, steps included, of each file. Every kernel runs all: below a feature's it is refused. */
const testCounts: Readonly<Record<string, number>> = {
  "tests/matrix/hooks_test.ts": 30,
  "tests/matrix/confirm_test.ts": 4,
  "tests/matrix/refusals_test.ts": 11,
  "tests/matrix/tools_test.ts": 7,
  "tests/matrix/data_test.ts": 17,
  "tests/matrix/types_test.ts": 2,
  "tests/matrix/reflect_test.ts": 6,
  "tests/matrix/functions_test.ts": 2,
};

/** The tests of every gadget. */
export const GADGETS = "tests/matrix/gadgets_test.ts";

/** The files, in the order in which they run. */
export const testFiles: readonly string[] = [...Object.keys(testCounts), GADGETS];

/** Tests, steps included, of a file. */
export function testCount(file: string, gadgets: GadgetTests): number | undefined {
  return file === GADGETS ? gadgetTestCount(gadgets) : testCounts[file];
}
