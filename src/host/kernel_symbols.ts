// The kernel's functions and what may be done at them, kept until a module comes or goes.
import { readFile, readText, statPath } from "../../ffi/file.ts";
import { type Addresses, KallsymsReader, type KernelFunctions } from "../elf/kallsyms.ts";
import { FunctionMarks, readMarks } from "./function_marks.ts";
import { FunctionTypes } from "./function_types.ts";
import { AddressNames } from "./kernel_addresses.ts";
import { readLockdown } from "./lockdown.ts";
import { readMounts } from "./mounts.ts";
import type { Tracefs } from "./tracefs.ts";
import { readWholeLines } from "./whole_lines.ts";

const KALLSYMS = "/proc/kallsyms";
/** A kernel with every module has 300,000 symbols in 20 MiB. */
const MAX_SYMBOL_BYTES = 256 << 20;
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

type FoundFunctions = KernelFunctions | NoSymbols;

interface Kept {
  readonly stamp: string;
  readonly addresses: Addresses;
  readonly functions: Promise<FoundFunctions>;
  symbols: Promise<FunctionSymbols | NoSymbols> | null;
  names: AddressNames | null;
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
    const kept = this.#current(stamp, addresses) ??
      this.#keep(stamp, addresses, readFunctions(addresses));
    if (kept.symbols === null) {
      kept.symbols = withLists(kept.functions, folder);
      kept.symbols.catch(() => this.#forget(kept));
    }
    return kept.symbols;
  }

  /** Names of the kernel's own addresses; it takes what `read` does, and none of its lists. */
  async addressNames(): Promise<AddressNames> {
    const stamp = symbolStamp(this.#tracefs.folder());
    const kept = this.#current(stamp, "with addresses") ??
      this.#keep(stamp, "with addresses", readFunctions("with addresses"));
    return namesOf(kept, await kept.functions);
  }

  /** The same for who cannot wait: where nothing is kept, this thread does the reading. */
  addressNamesNow(): AddressNames {
    const stamp = symbolStamp(this.#tracefs.folder());
    const names = this.#current(stamp, "with addresses")?.names ?? null;
    if (names !== null) return names;
    const found = readFunctionsNow();
    return namesOf(this.#keep(stamp, "with addresses", Promise.resolve(found)), found);
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

  /** What is kept, if it is of now and knows enough. */
  #current(stamp: string, addresses: Addresses): Kept | null {
    const kept = this.#kept;
    if (kept?.stamp !== stamp) return null;
    return kept.addresses === addresses || kept.addresses === "with addresses" ? kept : null;
  }

  #keep(stamp: string, addresses: Addresses, functions: Promise<FoundFunctions>): Kept {
    const kept: Kept = { stamp, addresses, functions, symbols: null, names: null };
    this.#kept = kept;
    const forget = () => this.#forget(kept);
    functions.then((found) => "errno" in found && forget(), forget);
    return kept;
  }

  /** What failed is tried again. */
  #forget(kept: Kept): void {
    if (this.#kept === kept) this.#kept = null;
  }
}

function namesOf(kept: Kept, found: FoundFunctions): AddressNames {
  return kept.names ??= new AddressNames("errno" in found ? null : found);
}

/** What changes when the lists do. */
function symbolStamp(tracefs: string | null): string {
  const modules = readText(MODULES, MAX_MODULES_BYTES) ?? "";
  // the columns between count users, and change without any module coming or going
  const loaded = modules.replaceAll(/^(\S+ \S+) .*?(\S+)$/gm, "$1 $2");
  const places = [tracefs, typeof statPath(`${debugfs()}/${BLACKLIST}`) !== "number"];
  return `${readText("/proc/sys/kernel/kptr_restrict")} ${places.join()}\n${loaded}`;
}

async function readFunctions(addresses: Addresses): Promise<FoundFunctions> {
  const reader = new KallsymsReader(addresses);
  const errno = await readWholeLines(KALLSYMS, (lines) => reader.read(lines));
  return errno === 0 ? orNone(reader.finish()) : { errno };
}

function readFunctionsNow(): FoundFunctions {
  const bytes = readFile(KALLSYMS, MAX_SYMBOL_BYTES);
  if (typeof bytes === "number") return { errno: bytes };
  const reader = new KallsymsReader("with addresses");
  reader.read(bytes);
  return orNone(reader.finish());
}

function orNone(functions: KernelFunctions): FoundFunctions {
  return functions.count === 0 ? { errno: ENODATA } : functions;
}

async function withLists(
  reading: Promise<FoundFunctions>,
  folder: string | null,
): Promise<FunctionSymbols | NoSymbols> {
  const functions = await reading;
  if ("errno" in functions) return functions;
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
