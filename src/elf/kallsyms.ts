// The functions in a kernel's list of its symbols (/proc/kallsyms): one pass over its bytes.
import { FunctionAddresses } from "./function_addresses.ts";
import { FunctionOrder } from "./function_order.ts";
import { enlarged, FunctionNames, NameCollector } from "./function_names.ts";

/** `ffffffff81000000 T _stext`, then a tab and `[module]` for what is not the kernel's own. */
const TYPE_AT = 17;
const NAME_AT = 19;
/** A line with a name of one character. */
const LEAST_LINE = 21;
const LEAST_FUNCTIONS = 1 << 16;
const HALF_DIGITS = 8;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const UNDERSCORE = 0x5f;
const DOLLAR = 0x24;

/** Not functions: the bytes before them that are patched. */
const PADDING = ["__pfx_", "__cfi_"].map((prefix) => {
  return [...prefix].map((character) => character.charCodeAt(0));
});
/** What comes and goes with what runs: programs of BPF, trampolines of ftrace and kprobes. */
const NO_MODULES = /^(bpf|__builtin__\w+)$/;

/** The module that the kernel's own functions are in. */
export const KERNEL = "vmlinux";

const decoder = new TextDecoder();

/** Addresses take as long to read as all the rest, and are seldom asked for. */
export type Addresses = "with addresses" | "without addresses";

/** Reads the list as it comes; lines that are written otherwise are left out. */
export class KallsymsReader {
  readonly #addresses: Addresses;
  readonly #names = new NameCollector();
  readonly #modules = new Modules();
  #moduleOf = new Uint16Array(LEAST_FUNCTIONS);
  #high = new Uint32Array(0);
  #low = new Uint32Array(0);

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  /** The next part of the list: whole lines. */
  read(lines: Uint8Array): void {
    const names = this.#names;
    this.#makeRoom(lines.length);
    const hasAddresses = this.#addresses === "with addresses";
    for (let start = 0; start + LEAST_LINE <= lines.length + 1;) {
      if (!isFunction(lines, start)) {
        start = lineEnd(lines, start + NAME_AT) + 1;
        continue;
      }
      const nameEnd = names.copy(lines, start + NAME_AT);
      let end = nameEnd;
      let module: number | null = 0;
      if (nameEnd < lines.length && lines[nameEnd] !== NEWLINE) {
        end = lineEnd(lines, nameEnd);
        module = this.#modules.number(lines, nameEnd, end);
      }
      if (module !== null) {
        const index = names.keep();
        this.#moduleOf[index] = module;
        if (hasAddresses) {
          this.#high[index] = hexadecimal(lines, start);
          this.#low[index] = hexadecimal(lines, start + HALF_DIGITS);
        }
      }
      start = end + 1;
    }
  }

  finish(): KernelFunctions {
    const names = new FunctionNames(this.#names);
    return new KernelFunctions(
      names,
      this.#modules.names,
      this.#moduleOf.slice(0, names.count),
      this.#high.slice(0, names.count),
      this.#low.slice(0, names.count),
    );
  }

  #makeRoom(bytes: number): void {
    const functions = this.#names.count + Math.ceil(bytes / LEAST_LINE);
    this.#names.makeRoom(functions, bytes);
    if (functions > this.#moduleOf.length) {
      const room = Math.max(functions, this.#moduleOf.length * 2);
      this.#moduleOf = enlarged(this.#moduleOf, new Uint16Array(room));
    }
    if (this.#addresses === "without addresses" || functions <= this.#high.length) return;
    const room = this.#moduleOf.length;
    this.#high = enlarged(this.#high, new Uint32Array(room));
    this.#low = enlarged(this.#low, new Uint32Array(room));
  }
}

/** The kernel's functions in the order of its list, which is the order of their addresses. */
export class KernelFunctions {
  readonly #moduleOf: Uint16Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  #byAddress: FunctionAddresses | null = null;
  #order: FunctionOrder | null = null;

  /** @param modules `vmlinux` first. The others are by function: its module, its address. */
  constructor(
    readonly names: FunctionNames,
    readonly modules: readonly string[],
    moduleOf: Uint16Array,
    high: Uint32Array,
    low: Uint32Array,
  ) {
    this.#moduleOf = moduleOf;
    this.#high = high;
    this.#low = low;
  }

  get count(): number {
    return this.names.count;
  }

  module(index: number): string {
    return this.modules[this.#moduleOf[index]] ?? KERNEL;
  }

  /** 0 when this process may not see addresses; null when they were not read. */
  address(index: number): bigint | null {
    if (index < 0 || index >= this.#high.length) return null;
    return BigInt(this.#high[index]) << 32n | BigInt(this.#low[index]);
  }

  /**
   * The function that begins last before or at this address; -1 when there is none, or addresses
   * are hidden. Sizes are not known: how far behind it may be, is for the caller to say.
   */
  below(address: bigint): number {
    this.#order ??= new FunctionOrder(this.#high, this.#low);
    return this.#order.below(address);
  }

  /** The first function at exactly this address; -1 when there is none, or addresses are hidden. */
  at(address: bigint): number {
    this.#byAddress ??= new FunctionAddresses(this.#high, this.#low);
    return this.#byAddress.find(address);
  }
}

/** Module names by the bytes behind a function's name; a module's functions follow each other. */
class Modules {
  readonly names: string[] = [KERNEL];
  readonly #numbers = new Map<string, number | null>();
  #last = "";
  #lastNumber: number | null = null;

  /** The module's number; null for what is none. */
  number(lines: Uint8Array, tab: number, end: number): number | null {
    if (matches(lines, tab, end, this.#last)) return this.#lastNumber;
    this.#last = decoder.decode(lines.subarray(tab, end));
    return this.#lastNumber = this.#numberOf(/^\t\[([\w.-]+)\]$/.exec(this.#last)?.[1] ?? "");
  }

  #numberOf(name: string): number | null {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = name === "" || NO_MODULES.test(name) ? null : this.names.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }
}

function matches(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Code, local, global or weak: `t`, `T`, `w`, `W`. */
function isFunction(bytes: Uint8Array, start: number): boolean {
  const type = bytes[start + TYPE_AT] | 0x20;
  if (type !== 0x74 && type !== 0x77) return false;
  if (bytes[start + TYPE_AT - 1] !== SPACE || bytes[start + TYPE_AT + 1] !== SPACE) return false;
  const first = bytes[start + NAME_AT];
  if (first === UNDERSCORE) return !isPadding(bytes, start + NAME_AT);
  return first !== DOLLAR; // a label of arm64
}

function isPadding(bytes: Uint8Array, at: number): boolean {
  for (const prefix of PADDING) {
    let length = 1;
    while (length < prefix.length && bytes[at + length] === prefix[length]) length++;
    if (length === prefix.length) return true;
  }
  return false;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  let end = from;
  while (end < bytes.length && bytes[end] !== NEWLINE) end++;
  return end;
}

function hexadecimal(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + HALF_DIGITS; i++) {
    const digit = bytes[i];
    value = (value << 4) | (digit >= 0x61 ? digit - 0x57 : digit - 0x30);
  }
  return value >>> 0;
}
