// The kernel's functions and what may be done at them, kept until a module comes or goes.
import { readText, statPath } from "../../ffi/file.ts";
import { type Addresses, KallsymsReader, type KernelFunctions } from "../elf/kallsyms.ts";
import { FunctionMarks, readMarks } from "./function_marks.ts";
import { FunctionTypes } from "./function_types.ts";
import { readLockdown } from "./lockdown.ts";
import { readMounts } from "./mounts.ts";
import type { Tracefs } from "./tracefs.ts";
import { readWholeLines } from "./whole_lines.ts";

const KALLSYMS = "/proc/kallsyms";
const MODULES = "/proc/modules";
const MAX_MODULES_BYTES = 4 << 20;
const DEBUGFS = "/sys/kernel/debug";
const BLACKLIST = "kprobes/blacklist";
const PERF_SOURCES = "/sys/bus/event_source/devices";
const ENOENT = 2;
const ENODATA = 61;

/** Functions, and the kernel's lists of them; a positive errno in place of one it does not show. */
export interface FunctionSymbols {
  readonly functions: KernelFunctions;
  /** The prototypes that were looked up. */
  readonly types: FunctionTypes;
  /** What ftrace can patch: `available_filter_functions`. */
  readonly patchable: FunctionMarks | number;
  /** Where no kprobe may stand: `kprobes/blacklist`. */
  readonly blacklist: FunctionMarks | number;
}

/** Why there are no functions: a positive errno. */
export interface NoSymbols {
  readonly errno: number;
}

/** Whether kprobes can be had: `unknown` where sysfs does not tell. */
export type KprobeSupport = "yes" | "no" | "locked down" | "unknown";

interface Kept {
  readonly stamp: string;
  readonly addresses: Addresses;
  readonly symbols: Promise<FunctionSymbols | NoSymbols>;
}

export class KernelSymbols {
  readonly #tracefs: Tracefs;
  #kept: Kept | null = null;

  constructor(tracefs: Tracefs) {
    this.#tracefs = tracefs;
  }

  /**
   * Every function that has a symbol; those inlined everywhere have none. Takes as long as the
   * kernel needs to write its list (40 ms), on another thread, and no time when neither modules nor
   * the right to see addresses changed since.
   */
  read(addresses: Addresses): Promise<FunctionSymbols | NoSymbols> {
    const folder = this.#tracefs.folder();
    const stamp = symbolStamp(folder);
    const before = this.#kept;
    const isEnough = before?.addresses === addresses || before?.addresses === "with addresses";
    if (before?.stamp === stamp && isEnough) return before.symbols;
    const symbols = readSymbols(folder, addresses);
    const kept = { stamp, addresses, symbols };
    this.#kept = kept;
    const forget = () => {
      if (this.#kept === kept) this.#kept = null; // what failed is tried again
    };
    symbols.then((found) => "errno" in found && forget(), forget);
    return symbols;
  }

  /** Functions of the kernel itself that are known by another way than its list of symbols. */
  named(names: Iterable<string>): FunctionSymbols {
    const lines = Array.from(names, (name) => `${"0".repeat(16)} T ${name}\n`).join("");
    const reader = new KallsymsReader("without addresses");
    reader.read(new TextEncoder().encode(lines));
    const functions = reader.finish();
    const types = new FunctionTypes(functions);
    return { functions, types, patchable: ENODATA, blacklist: ENODATA };
  }

  /** Whether this kernel has kprobes, and lets anybody use them. */
  kprobes(): KprobeSupport {
    if (typeof statPath(PERF_SOURCES) === "number") return "unknown";
    if (typeof statPath(`${PERF_SOURCES}/kprobe`) === "number") return "no";
    return readLockdown(readMounts()).mode === "confidentiality" ? "locked down" : "yes";
  }
}

/** What changes when the lists do. */
function symbolStamp(tracefs: string | null): string {
  const modules = readText(MODULES, MAX_MODULES_BYTES) ?? "";
  // the columns between count users, and change without any module coming or going
  const loaded = modules.replaceAll(/^(\S+ \S+) .*?(\S+)$/gm, "$1 $2");
  const places = [tracefs, typeof statPath(`${debugfs()}/${BLACKLIST}`) !== "number"];
  return `${readText("/proc/sys/kernel/kptr_restrict")} ${places.join()}\n${loaded}`;
}

async function readSymbols(
  folder: string | null,
  addresses: Addresses,
): Promise<FunctionSymbols | NoSymbols> {
  const reader = new KallsymsReader(addresses);
  const errno = await readWholeLines(KALLSYMS, (lines) => reader.read(lines));
  if (errno !== 0) return { errno };
  const functions = reader.finish();
  if (functions.count === 0) return { errno: ENODATA };
  const [patchable, blacklist] = await Promise.all([
    folder === null ? ENOENT : readMarks(`${folder}/available_filter_functions`, functions, 0),
    readMarks(`${debugfs()}/${BLACKLIST}`, functions, 1),
  ]);
  return {
    functions,
    types: new FunctionTypes(functions),
    patchable: orNothing(patchable),
    blacklist,
  };
}

/** A list without a line says nothing about functions: lockdown gives such ones. */
function orNothing(marks: FunctionMarks | number): FunctionMarks | number {
  return marks instanceof FunctionMarks && marks.lines === 0 ? ENODATA : marks;
}

function debugfs(): string {
  return readMounts().find(({ type }) => type === "debugfs")?.path ?? DEBUGFS;
}
