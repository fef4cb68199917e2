// The names of the functions of kprobe_multi links, which know addresses alone.
import { EBPFError } from "../../errors.ts";
import { visibleLine } from "../../view/text.ts";
import type { Inventory } from "../inspect/inventory.ts";

/** Functions by link; where the kernel hides addresses, a link has fewer or none. */
export type MultiProbes = ReadonlyMap<number, readonly string[]>;

/** Asks for the names of functions where there is such a link, and for nothing else. */
export function multiProbes({ kernel, host, links }: Inventory): MultiProbes {
  const found = links.flatMap(({ id, target }) => {
    if (target.kind !== "kprobe_multi" || target.count === 0) return [];
    return [{ id, addresses: addressesOf(() => kernel.hooks.ofMultiKprobe(id, target.count)) }];
  });
  if (found.length === 0) return new Map();
  const names = host.symbols.addressNamesNow();
  return new Map(found.map(({ id, addresses }) => {
    const functions = addresses.flatMap((address) => names.at(address) ?? []);
    return [id, functions.map((name) => visibleLine(name))];
  }));
}

/** None of a link that is gone meanwhile, or of a kernel that does not tell. */
function addressesOf(ask: () => readonly bigint[]): readonly bigint[] {
  try {
    return ask();
  } catch (error) {
    if (error instanceof EBPFError) return [];
    throw error;
  }
}
