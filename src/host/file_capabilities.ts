// The capabilities that the file system gives to whoever starts this executable.
import { readAttribute } from "../../ffi/file.ts";
import { capabilityNames } from "./capabilities.ts";

export interface FileCapabilities {
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  /** Whether they are in force from the start, or only when the program asks for them. */
  readonly effective: boolean;
}

/** Of this executable: null when it has none; a positive errno when it cannot be told. */
export function readFileCapabilities(): FileCapabilities | number | null {
  const value = readAttribute("/proc/self/exe", "security.capability", MOST_BYTES);
  if (typeof value !== "number") return parseFileCapabilities(value);
  return value === ENODATA || value === EOPNOTSUPP ? null : value;
}

const ENODATA = 61;
const EOPNOTSUPP = 95;
/** struct vfs_ns_cap_data of linux/capability.h, with room for a longer one. */
const MOST_BYTES = 64;
const EFFECTIVE_BIT = 1;

/** The value of `security.capability`, little endian; null for one that is too short. */
export function parseFileCapabilities(value: Uint8Array<ArrayBuffer>): FileCapabilities | null {
  if (value.length < 20) return null; // revision 1, of 2008, had 12 bytes
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const word = (index: number) => BigInt(view.getUint32(index * 4, true));
  const names = (low: number) => capabilityNames((word(low) | word(low + 2) << 32n).toString(16));
  return {
    permitted: names(1),
    inheritable: names(2),
    effective: (word(0) & BigInt(EFFECTIVE_BIT)) !== 0n,
  };
}
