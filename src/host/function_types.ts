// The BTF type of each of the kernel's functions, looked up once.
import type { Btf } from "../btf/btf.ts";
import type { KernelFunctions } from "../elf/kallsyms.ts";

const UNKNOWN = -1;
const NONE = 0;

export class FunctionTypes {
  readonly #functions: KernelFunctions;
  readonly #ids: Int32Array;

  constructor(functions: KernelFunctions) {
    this.#functions = functions;
    this.#ids = new Int32Array(functions.count).fill(UNKNOWN);
  }

  /** The FUNC of the i-th function in the types of the module that it is in; null without one. */
  find(index: number, btf: Btf): number | null {
    let id = this.#ids[index];
    if (id === UNKNOWN) {
      // a module's types go on after the kernel's: what it has itself comes last
      id = btf.find(this.#functions.names.name(index), "func").at(-1) ?? NONE;
      this.#ids[index] = id;
    }
    return id === NONE ? null : id;
  }
}
