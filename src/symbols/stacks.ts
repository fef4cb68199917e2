// Stacks that programs recorded in a map of the type stack_trace, by their ids.
import type { BpfMap } from "../kernel/bpf_map.ts";

const ADDRESS_BYTES = 8;

/**
 * The addresses of a stack, the innermost first.
 * @returns null for a negative id (the kernel's reason why there is none), and for one that is gone
 * @throws map_read_failed
 */
export function readStack(map: BpfMap, id: number): bigint[] | null {
  if (id < 0) return null;
  const [value] = map.lookupIndex(id) ?? [];
  if (value === undefined) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const addresses: bigint[] = [];
  for (let at = 0; at + ADDRESS_BYTES <= view.byteLength; at += ADDRESS_BYTES) {
    const address = view.getBigUint64(at, true);
    if (address === 0n) break;
    addresses.push(address);
  }
  return addresses;
}
