// Kernel addresses to the names of functions.
import type { KernelFunctions } from "../elf/kallsyms.ts";

/** What a kernel address is in. */
export interface KernelFunction {
  readonly name: string;
  /** `vmlinux`, or a module. */
  readonly module: string;
  /** Bytes from the function's beginning. */
  readonly offset: number;
}

/** No function is longer; beyond it an address is in something that has no symbol. */
const MAX_FUNCTION_BYTES = 1n << 18n;

/** What calls of the kernel's own code are counted from. */
const CALL_BASE = "__bpf_call_base";

export class AddressNames {
  /** The address that the helpers of translated programs are counted from; null when hidden. */
  readonly callBase: bigint | null;
  readonly #functions: KernelFunctions | null;

  /** @param functions with addresses; null where nothing is known */
  constructor(functions: KernelFunctions | null) {
    this.#functions = functions;
    const [base = -1] = functions?.names.matching((name) => name === CALL_BASE, CALL_BASE) ?? [];
    this.callBase = functions?.address(base) || null;
  }

  /** The name at exactly this address, the first one that kallsyms has for it. */
  at(address: bigint): string | null {
    const index = this.#functions?.at(address) ?? -1;
    return index === -1 ? null : this.#functions?.names.name(index) ?? null;
  }

  /** The function that this address is in; null when hidden, or in nothing that has a name. */
  in(address: bigint): KernelFunction | null {
    const functions = this.#functions;
    const index = functions?.below(address) ?? -1;
    const start = functions?.address(index) ?? null;
    if (functions === null || start === null || address - start > MAX_FUNCTION_BYTES) return null;
    const offset = Number(address - start);
    return { name: functions.names.name(index), module: functions.module(index), offset };
  }
}
