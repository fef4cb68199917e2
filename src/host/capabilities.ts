// Capability masks as names (linux/capability.h).
import { capabilityNames as known } from "../view/capabilities.gen.ts";

/** By bit. */
export const knownCapabilities: readonly string[] = known;

/** The capabilities in a mask of 16 hexadecimal digits; a bit newer than our table is `CAP_N`. */
export function capabilityNames(mask: string): string[] {
  if (!/^[0-9a-f]{1,16}$/i.test(mask)) return [];
  const bits = BigInt(`0x${mask}`);
  const held: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if ((bits >> BigInt(bit)) & 1n) held.push(known[bit] ?? `CAP_${bit}`);
  }
  return held;
}
