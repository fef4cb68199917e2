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
