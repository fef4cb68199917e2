// Addresses to names: of the kernel by kallsyms, of processes by their mapped files and perf maps.
import { PerfMap } from "../elf/perf_map.ts";
import { ProgramSymbols } from "../elf/program_symbols.ts";
import type { KernelSymbols } from "../host/kernel_symbols.ts";
import {
  type CodeMapping,
  MappedFile,
  readCodeMappings,
  readPerfMap,
} from "../host/process_maps.ts";
import type { Demangler } from "./demangler.ts";
import type { Frame } from "./frame.ts";
import { printable } from "./printable.ts";

/** Files whose tables are kept: 24 bytes for each function of theirs. */
const MAX_FILES = 64;
const MAX_PERF_MAPS = 16;

/** What the kernel calls its code in every process: clock_gettime and its kin. */
const VDSO = "[vdso]";

type FileSymbols = ProgramSymbols | null;

interface KeptPerfMap {
  readonly stamp: string;
  readonly map: PerfMap;
}

export class Symbolizer {
  readonly #kernel: KernelSymbols;
  readonly #demangler: Demangler;
  /** By device, inode and size: another file has others. Null: it is none of ELF. */
  readonly #files = new Map<string, FileSymbols>();
  readonly #perfMaps = new Map<number, KeptPerfMap>();

  constructor(kernel: KernelSymbols, demangler: Demangler) {
    this.#kernel = kernel;
    this.#demangler = demangler;
  }

  /**
   * A stack in the kernel as frames, the innermost first. Reads kallsyms (40 ms) when it changed.
   */
  async kernel(stack: readonly bigint[]): Promise<Frame[]> {
    const names = await this.#kernel.addressNames();
    return stack.map((address, depth) => {
      const found = names.in(calledFrom(address, depth));
      if (found === null) {
        return { address, name: null, offset: null, module: null, missing: "hidden" };
      }
      const { name, offset, module } = found;
      return { address, name: printable(this.#demangler.demangle(name)), offset, module };
    });
  }

  /**
   * A stack of a process as frames, the innermost first, by what it has mapped now. Never throws
   * for a process that is gone, or for files that are broken.
   */
  user(pid: number, stack: readonly bigint[]): Frame[] {
    const mappings = readCodeMappings(pid);
    if (mappings === null) return stack.map((address) => unnamed(address, "process gone"));
    using process = new ProcessFiles(pid);
    return stack.map((address, depth) => {
      const frame = this.#userFrame(process, mappings, calledFrom(address, depth));
      return { ...frame, address };
    });
  }

  #userFrame(
    process: ProcessFiles,
    mappings: readonly CodeMapping[],
    address: bigint,
  ): Frame {
    const at = Number(address);
    const mapping = mappings.find(({ start, end }) => at >= start && at < end);
    if (mapping === undefined) return unnamed(address, "not mapped");
    const isVdso = mapping.path === VDSO;
    if (!isVdso && !isFile(mapping)) return this.#madeCode(process.pid, mapping, address);
    const module = moduleOf(mapping);
    const inFile = at - mapping.start + mapping.fileOffset;
    const file = process.open(mapping);
    if (file === null) {
      return { address, name: null, offset: inFile, module, missing: "no file" };
    }
    const symbols = isVdso ? process.vdso(file) : this.#symbolsOf(mapping, file);
    if (symbols === null) {
      return { address, name: null, offset: inFile, module, missing: "no file" };
    }
    const linked = symbols.addressOf(inFile);
    const found = linked === null
      ? null
      : symbols.find(linked, (offset, length) => file.readAt(offset, length));
    if (found === null) {
      return { address, name: null, offset: inFile, module, missing: "no symbols" };
    }
    const name = printable(this.#demangler.demangle(found.name));
    return { address, name, offset: found.offset, module };
  }

  /** What a program made at run time, and wrote a map of. */
  #madeCode(pid: number, mapping: CodeMapping, address: bigint): Frame {
    const found = this.#perfMap(pid)?.find(Number(address)) ?? null;
    if (found !== null) {
      const name = printable(this.#demangler.demangle(found.name));
      return { address, name, offset: found.offset, module: "[jit]" };
    }
    const module = mapping.path === "" ? "[anonymous]" : moduleOf(mapping);
    const offset = Number(address) - mapping.start;
    return { address, name: null, offset, module, missing: "no symbols" };
  }

  #perfMap(pid: number): PerfMap | null {
    const kept = this.#perfMaps.get(pid);
    const now = readPerfMap(pid, kept?.stamp ?? null);
    if (now === "same") return kept?.map ?? null;
    this.#perfMaps.delete(pid);
    if (now === null) return null;
    const map = new PerfMap(now.text);
    keep(this.#perfMaps, MAX_PERF_MAPS, pid, { stamp: now.stamp, map });
    return map;
  }

  #symbolsOf({ file: id }: CodeMapping, file: MappedFile): FileSymbols {
    const key = `${id} ${file.size}`;
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const symbols = ProgramSymbols.read((offset, length) => file.readAt(offset, length));
    keep(this.#files, MAX_FILES, key, symbols);
    return symbols;
  }
}

/** The files of one process that were opened for one question. */
class ProcessFiles implements Disposable {
  readonly #open = new Map<string, MappedFile | null>();
  #vdso: FileSymbols | undefined;

  constructor(readonly pid: number) {}

  open(mapping: CodeMapping): MappedFile | null {
    let file = this.#open.get(mapping.file);
    if (file === undefined) {
      file = mapping.path === VDSO
        ? MappedFile.ofVdso(this.pid, mapping)
        : MappedFile.open(this.pid, mapping);
      this.#open.set(mapping.file, file);
    }
    return file;
  }

  /** Not kept for other processes: each can write into its own. */
  vdso(file: MappedFile): FileSymbols {
    this.#vdso ??= ProgramSymbols.read((offset, length) => file.readAt(offset, length));
    return this.#vdso;
  }

  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file?.[Symbol.dispose]();
  }
}

/** Forgets what was kept first. */
function keep<Key, Value>(kept: Map<Key, Value>, most: number, key: Key, value: Value): void {
  for (const first of kept.keys()) {
    if (kept.size < most) break;
    kept.delete(first);
  }
  kept.set(key, value);
}

/** All but the innermost are addresses to return to: the call is before them. */
function calledFrom(address: bigint, depth: number): bigint {
  return depth === 0 ? address : address - 1n;
}

function unnamed(address: bigint, missing: Frame["missing"]): Frame {
  return { address, name: null, offset: null, module: null, missing };
}

/** Compilers map their code from files in memory too, which are none of ELF. */
function isFile({ file, path }: CodeMapping): boolean {
  return !file.endsWith(" 0") && !path.startsWith("/memfd:") && path !== "/dev/zero (deleted)";
}

/** The file's name without its folders, as the process chose it. */
function moduleOf({ path }: CodeMapping): string {
  return printable(path.replace(/ \(deleted\)$/, "").replace(/^.*\//, ""));
}
