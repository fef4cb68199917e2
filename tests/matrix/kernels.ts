// The kernels of the matrix, and how many tests each of them runs.

/** The machine's own. */
export const OWN = "own";

/** Debian's cloud kernels by the suite that has them; the last follows Debian's newest. */
export const guests = [
  { name: "5.10", suite: "bullseye" },
  { name: "6.1", suite: "bookworm" },
  { name: "6.12", suite: "trixie" },
  { name: "7.x", suite: "sid" },
] as const;

export type GuestName = (typeof guests)[number]["name"];

/** Tests, steps included, of each file. Every kernel runs all: below a feature's it is refused. */
export const testCounts: Readonly<Record<string, number>> = {
  "tests/matrix/hooks_test.ts": 30,
  "tests/matrix/confirm_test.ts": 4,
  "tests/matrix/refusals_test.ts": 11,
  "tests/matrix/tools_test.ts": 7,
  "tests/matrix/data_test.ts": 17,
  "tests/matrix/types_test.ts": 2,
  "tests/matrix/reflect_test.ts": 6,
  "tests/matrix/functions_test.ts": 2,
};
