// What a raw tracepoint's program gets, by the kernel's types (btf_trace_NAME).
import type { Btf, Parameter, TypeId } from "../../btf/btf.ts";
import { typeText } from "../../btf/type_text.ts";
import { EBPFError } from "../../errors.ts";
import type { KernelTypes } from "../../kernel/kernel_types.ts";

const PREFIX = "btf_trace_";
/** Functions with the same parameters, and with names for them, which the typedef has not. */
const NAMED = ["__traceiter_", "__bpf_trace_", "__probestub_"];

export interface RawArgument {
  readonly name: string;
  readonly type: string;
}

interface Place {
  readonly btf: Btf;
  readonly typedef: TypeId;
}

export class RawTracepoints {
  readonly #types: KernelTypes;
  /** Of modules, by the tracepoint's name; read when the kernel itself has no such tracepoint. */
  #ofModules: ReadonlyMap<string, Place> | null = null;

  /** @throws feature_missing, file_read_failed or invalid_btf when the kernel shows no types */
  constructor(types: KernelTypes) {
    this.#types = types;
    types.vmlinux();
  }

  /** Every raw tracepoint, sorted. */
  names(): string[] {
    const { btf, names } = this.#types.vmlinux();
    const own = names.matching((name) => name.startsWith(PREFIX), PREFIX)
      .filter((id) => btf.kind(id) === "typedef")
      .map((id) => btf.name(id).slice(PREFIX.length));
    this.#ofModules ??= this.#readModules();
    return [...new Set([...own, ...this.#ofModules.keys()])].sort();
  }

  /** Behind `void *__data`; null when the tracepoint is none that raw programs attach to. */
  arguments(name: string): RawArgument[] | null {
    const place = this.#find(name);
    if (place === null) return null;
    const { btf, typedef } = place;
    const prototype = prototypeOf(btf, typedef);
    if (prototype === null) return null;
    const parameters = btf.parameters(prototype).slice(1);
    const names = this.#parameterNames(btf, name, parameters);
    return parameters.map((parameter, index) => ({
      name: names[index] || `arg${index}`,
      type: typeText(btf, parameter.type),
    }));
  }

  #find(name: string): Place | null {
    const { btf } = this.#types.vmlinux();
    const [typedef] = btf.find(PREFIX + name, "typedef");
    if (typedef !== undefined) return { btf, typedef };
    this.#ofModules ??= this.#readModules();
    return this.#ofModules.get(name) ?? null;
  }

  #readModules(): ReadonlyMap<string, Place> {
    const places = new Map<string, Place>();
    for (const module of this.#types.modules()) {
      const catalogue = moduleTypes(this.#types, module);
      if (catalogue === null) continue;
      const { btf, names } = catalogue;
      for (const typedef of names.matching((name) => name.startsWith(PREFIX), PREFIX)) {
        if (btf.kind(typedef) !== "typedef") continue;
        places.set(btf.name(typedef).slice(PREFIX.length), { btf, typedef });
      }
    }
    return places;
  }

  #parameterNames(btf: Btf, name: string, parameters: readonly Parameter[]): readonly string[] {
    if (parameters.every(({ name }) => name !== "")) return parameters.map(({ name }) => name);
    for (const prefix of NAMED) {
      const [func] = btf.find(prefix + name, "func");
      if (func === undefined) continue;
      const named = btf.parameters(btf.pointee(func)).slice(1);
      if (named.length === parameters.length) return named.map(({ name }) => name);
    }
    return [];
  }
}

/** A module may go between its listing and its reading. */
function moduleTypes(types: KernelTypes, module: string) {
  try {
    return types.module(module);
  } catch (error) {
    if (error instanceof EBPFError) return null;
    throw error;
  }
}

/** The typedef's function: it stands for a pointer to one. */
function prototypeOf(btf: Btf, typedef: TypeId): TypeId | null {
  const pointer = btf.resolve(typedef);
  if (btf.kind(pointer) !== "ptr") return null;
  const prototype = btf.resolve(btf.pointee(pointer));
  return btf.kind(prototype) === "func_proto" ? prototype : null;
}
