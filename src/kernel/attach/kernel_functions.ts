// Names of the kernel's functions, read only when one of them is in question: the list is long.
import { readFile } from "../../../ffi/file.ts";
import { KallsymsReader } from "../../elf/kallsyms.ts";
import { listPattern } from "../../view/list_pattern.ts";

const KALLSYMS = "/proc/kallsyms";
const MOST_BYTES = 64 << 20;
const SYMBOL = /^([\da-f]+) [tTwW] (\S+)/;
const TRACEABLE = [
  "/sys/kernel/tracing/available_filter_functions",
  "/sys/kernel/debug/tracing/available_filter_functions",
];

/** Every function that has a symbol; those inlined everywhere have none. Empty when hidden. */
export function kernelFunctions(): string[] {
  const bytes = readFile(KALLSYMS, MOST_BYTES);
  if (typeof bytes === "number") return [];
  const reader = new KallsymsReader("without addresses");
  reader.read(bytes);
  return [...reader.finish().names.all()];
}

/** Bytes up to the next symbol; null when addresses are hidden, or it has none or several. */
export function functionBytes(name: string): number | null {
  const symbols = lines(KALLSYMS).flatMap((line) => {
    const [, address = "", symbol = ""] = SYMBOL.exec(line) ?? [];
    return address === "" ? [] : [{ address: BigInt(`0x${address}`), symbol }];
  });
  const found = symbols.filter(({ symbol }) => symbol === name);
  const [own] = found;
  if (own === undefined || found.length > 1 || own.address === 0n) return null;
  let next: bigint | null = null;
  for (const { address } of symbols) {
    if (address > own.address && (next === null || address < next)) next = address;
  }
  return next === null ? null : Number(next - own.address);
}

/** Functions that the kernel lets be traced by the many; null when it does not tell. */
export function traceableFunctions(): string[] | null {
  for (const path of TRACEABLE) {
    const found = lines(path).map((line) => line.split(/[ \t]/, 1)[0]);
    if (found.length > 0) {
      return [...new Set(found)].filter((name) => !name.startsWith("__ftrace_"));
    }
  }
  return null;
}

/**
 * Whether names match a pattern of `*`, `?` and `[…]`, in linear time.
 * @throws validation/invalid_arguments
 */
export function globMatcher(glob: string): (name: string) => boolean {
  return listPattern(/[*?[]/.test(glob) ? glob : `^${glob}$`, { argument: "glob" });
}

function lines(path: string): string[] {
  const bytes = readFile(path, MOST_BYTES);
  if (typeof bytes === "number") return [];
  return new TextDecoder().decode(bytes).split("\n").filter((line) => line !== "");
}
