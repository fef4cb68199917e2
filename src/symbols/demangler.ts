// Names of C++ and Rust as people write them, by the library of the Firefox profiler: Rust's own
// demanglers (cpp_demangle, rustc-demangle) as WebAssembly, without dependencies.

/** What the module gives. Texts are UTF-8 in its memory, by address and length. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number, alignment: number): number;
  free(address: number, bytes: number, alignment: number): void;
  demangle(address: number, bytes: number): readonly number[];
}

/** The Itanium ABI's prefix, and that of Rust's newer mangling. */
const MANGLED = /^_(?:Z|R[A-Z])/;
/** Longer ones are given as they are: real ones end far below. */
const MAX_NAME = 4096;
const MAX_RESULT = 512;
const MAX_KEPT = 20_000;
/** A name of 200 letters can mean a text of gigabytes: the module may have 4 MiB. */
const MAX_PAGES = 64;
/** That many such names are no accident: from then on long ones are given as they are. */
const MAX_BOMBS = 8;
const SHORT_NAME = 128;
const MEMORY_SECTION = 5;

export class Demangler {
  readonly #bytes: () => Uint8Array<ArrayBuffer>;
  readonly #kept = new Map<string, string>();
  #module: WebAssembly.Module | null = null;
  #exports: Exports | null = null;
  #bombs = 0;

  /** @param bytes of the library's module, read when the first mangled name comes */
  constructor(bytes: () => Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  /** The name as it is when it is not mangled, or means a text without end. Cut at 512 letters. */
  demangle(name: string): string {
    if (!MANGLED.test(name) || name.length > MAX_NAME) return name;
    let plain = this.#kept.get(name);
    if (plain !== undefined) return plain;
    if (this.#bombs >= MAX_BOMBS && name.length > SHORT_NAME) return name;
    plain = this.#ask(name);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(name, plain);
    return plain;
  }

  #ask(name: string): string {
    const exports = this.#exports ??= this.#instantiate();
    try {
      const plain = call(exports, name);
      // what it cannot read it gives back without the first letter
      if (plain === "" || plain === name.slice(1)) return name;
      return plain.length <= MAX_RESULT ? plain : `${plain.slice(0, MAX_RESULT - 1)}…`;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      this.#exports = null; // out of memory: this instance is of no more use
      this.#bombs++;
      return name;
    }
  }

  #instantiate(): Exports {
    this.#module ??= new WebAssembly.Module(limitMemory(this.#bytes(), MAX_PAGES));
    const names = WebAssembly.Module.imports(this.#module);
    const imports: WebAssembly.Imports = {};
    // what it asks to be given it calls for objects of JavaScript alone, of which it gets none
    for (const { module, name } of names) imports[module] = { ...imports[module], [name]() {} };
    return exportsOf(new WebAssembly.Instance(this.#module, imports).exports);
  }
}

function exportsOf(all: WebAssembly.Exports): Exports {
  const { memory, __wbindgen_malloc, __wbindgen_free, demangle_any } = all;
  if (
    !(memory instanceof WebAssembly.Memory) || typeof __wbindgen_malloc !== "function" ||
    typeof __wbindgen_free !== "function" || typeof demangle_any !== "function"
  ) throw new TypeError("the demangler's module lacks what it is called by");
  return {
    memory,
    allocate: (bytes, alignment) => __wbindgen_malloc(bytes, alignment) >>> 0,
    free: (address, bytes, alignment) => void __wbindgen_free(address, bytes, alignment),
    demangle: (address, bytes) => demangle_any(address, bytes),
  };
}

function call({ memory, allocate, demangle, free }: Exports, name: string): string {
  const text = new TextEncoder().encode(name);
  const address = allocate(text.length, 1);
  new Uint8Array(memory.buffer).set(text, address);
  const [start = 0, length = 0] = demangle(address, text.length);
  // the memory may have grown meanwhile: it is another buffer then
  const plain = new TextDecoder().decode(new Uint8Array(memory.buffer, start, length));
  free(start, length, 1);
  return plain;
}

/**
 * The module with an upper bound of its own memory, in pages of 64 KiB, which its format allows and
 * its compiler left out.
 */
export function limitMemory(
  module: Uint8Array<ArrayBuffer>,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const HEADER = 8;
  for (let at = HEADER; at < module.length;) {
    const id = module[at];
    const [size, body] = unsigned(module, at + 1);
    if (id === MEMORY_SECTION) {
      const [count, flagsAt] = unsigned(module, body);
      const [least, end] = unsigned(module, flagsAt + 1);
      if (count !== 1 || module[flagsAt] !== 0 || end !== body + size || least > pages) break;
      const limited = [...leb(1), 1, ...leb(least), ...leb(pages)];
      const section = [MEMORY_SECTION, ...leb(limited.length), ...limited];
      const result = new Uint8Array(module.length - (end - at) + section.length);
      result.set(module.subarray(0, at));
      result.set(section, at);
      result.set(module.subarray(end), at + section.length);
      return result;
    }
    at = body + size;
  }
  throw new TypeError("the demangler's module has another memory than was expected");
}

/** An unsigned LEB128, and where it ends. */
function unsigned(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, factor = 1;; at++, factor *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
  }
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [value & 0x7f | 0x80, ...leb(value >>> 7)];
}
