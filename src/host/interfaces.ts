// Network interfaces of our own network namespace by index.
import { libc } from "../../ffi/library.ts";
import { textUntilNul } from "../../ffi/memory.ts";
import { fixedBytes } from "../../ffi/struct.ts";
import { visibleLine } from "../view/text.ts";

/** IF_NAMESIZE of net/if.h. */
const NAME_BYTES = 16;

/** The name of an interface; null when our network namespace has none of this index. */
export function interfaceName(ifindex: number): string | null {
  const name = fixedBytes(NAME_BYTES);
  if (libc().if_indextoname(ifindex, name) === null) return null;
  return visibleLine(textUntilNul(name));
}
