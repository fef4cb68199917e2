// The kernels of the matrix.

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

/** In a kernel of the matrix that is not this machine's. */
export function isGuest(): boolean {
  return ![undefined, OWN].includes(Deno.env.get("MATRIX_KERNEL"));
}

/**
 * How many of a gadget's tests run here. A guest is slow: there the first of each, which counts
 * exactly beside a twin, unless the gadgets alone were asked for (`--only matrix-gadgets`).
 */
export type GadgetTests = "every" | "first";

export function gadgetTestsHere(): GadgetTests {
  return isGuest() && Deno.env.get("MATRIX_GADGETS") === "first" ? "first" : "every";
}
