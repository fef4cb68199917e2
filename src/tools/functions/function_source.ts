// The kernel's functions with their types, from whatever this host lets be read.
import type { Btf } from "../../btf/btf.ts";
import { type Addresses, KERNEL, type KernelFunctions } from "../../elf/kallsyms.ts";
import { EBPFError } from "../../errors.ts";
import type { FunctionSymbols, KprobeSupport } from "../../host/kernel_symbols.ts";
import type { FunctionPrograms } from "../../kernel/function_programs.ts";
import type { KernelTypes } from "../../kernel/kernel_types.ts";
import type { Services } from "../define_tool.ts";
import type { Missing } from "../missing.ts";
import { absentLists, noKallsyms } from "./absent.ts";

/** Everything that is known before one function is looked at. */
export interface FunctionSource {
  readonly symbols: FunctionSymbols;
  readonly kprobes: KprobeSupport;
  readonly programs: FunctionPrograms;
  readonly types: ModuleTypes;
  readonly missing: readonly Missing[];
}

/** Reads types while the kernel writes its list of symbols on another thread. */
export async function readFunctionSource(
  { host, kernel }: Pick<Services, "host" | "kernel">,
  addresses: Addresses,
): Promise<FunctionSource> {
  const reading = host.symbols.read(addresses);
  const types = new ModuleTypes(kernel.types);
  const btf = types.of(KERNEL);
  const programs = kernel.functionPrograms.read();
  const kprobes = host.symbols.kprobes();
  const found = await reading;
  const missing: Missing[] = types.missing === null ? [] : [types.missing];
  if (!("errno" in found)) {
    missing.push(...absentLists(found, kprobes));
    return { symbols: found, kprobes, programs, types, missing };
  }
  missing.unshift(noKallsyms(found.errno));
  const symbols = host.symbols.named(btf === null ? [] : functionNames(btf));
  return { symbols, kprobes, programs, types, missing };
}

function* functionNames(btf: Btf): Generator<string> {
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (btf.kind(id) === "func") yield btf.name(id);
  }
}

/** Types by module, each read at most once; null for what has none that can be read. */
export class ModuleTypes {
  readonly #types: KernelTypes;
  readonly #read = new Map<string, Btf | null>();
  /** Why there are none of the kernel itself. */
  missing: Missing | null = null;

  constructor(types: KernelTypes) {
    this.#types = types;
  }

  of(module: string): Btf | null {
    let btf = this.#read.get(module);
    if (btf === undefined) {
      btf = this.#open(module);
      this.#read.set(module, btf);
    }
    return btf;
  }

  /** The types that the i-th function's prototype is in. */
  ofFunction(functions: KernelFunctions, index: number): Btf | null {
    return this.of(functions.module(index));
  }

  #open(module: string): Btf | null {
    try {
      const { btf } = module === KERNEL ? this.#types.vmlinux() : this.#types.module(module);
      return btf;
    } catch (error) {
      if (!(error instanceof EBPFError)) throw error;
      if (module === KERNEL) this.missing = noTypes(error);
      return null;
    }
  }
}

function noTypes(error: EBPFError): Missing {
  return {
    what: "prototypes, and which functions fentry and fexit can take",
    why: error.message,
    remedy: error.context.hint ?? "run ebpf-mcp where /sys/kernel/btf/vmlinux is readable",
  };
}
