// The processes of this host.
import { readDirectory } from "../../ffi/file.ts";

/** Those that exist now, by rising pid; none where /proc cannot be listed. */
export function processIds(): number[] {
  const names = readDirectory("/proc");
  if (typeof names === "number") return [];
  return names.filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
}
