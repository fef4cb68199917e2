// Kernel addresses to the names of functions.
import type { KernelFunctions } from "../elf/kallsyms.ts";

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
}
