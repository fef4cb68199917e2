// Which functions are meant, and each as a row of an answer.
import * as z from "zod";
import { prototypeText } from "../../btf/prototype_text.ts";
import { listPattern, patternPart, patternWords } from "../../view/list_pattern.ts";
import { nearest } from "../../view/nearest.ts";
import type { FunctionSource } from "./function_source.ts";
import { type Barriers, type ProbeKind, probeKinds, Probing, type Reason } from "./probing.ts";

const NEAREST = 5;

export const functionExtras = ["prototype", "address"] as const;
export type FunctionExtra = typeof functionExtras[number];

export interface FunctionFilter {
  readonly pattern?: string;
  readonly module?: string;
  readonly traceable_only: boolean;
}

export const functionRow = z.object({
  name: z.string(),
  module: z.string(),
  kprobe: z.boolean(),
  fentry: z.boolean(),
  fexit: z.boolean(),
  why_not: z.record(z.string(), z.string()).optional()
    .describe("By kind a code of reasons; what holds for all functions is in unavailable"),
  prototype: z.string().nullable().optional(),
  address: z.string().nullable().optional(),
});
export type FunctionRow = z.infer<typeof functionRow>;

export class FunctionListing {
  readonly #source: FunctionSource;
  readonly #barriers: Barriers;
  readonly #probing: Probing;
  /** Codes that rows have given. */
  readonly given = new Set<Reason>();

  constructor(source: FunctionSource, barriers: Barriers) {
    this.#source = source;
    this.#barriers = barriers;
    const { symbols, types } = source;
    this.#probing = new Probing(symbols, barriers, (index) => {
      return types.ofFunction(symbols.functions, index);
    });
  }

  /** Positions of the functions that are meant: the name itself first, the others by address. */
  select({ pattern, module, traceable_only }: FunctionFilter): number[] {
    const { functions } = this.#source.symbols;
    const { names } = functions;
    let found = pattern === undefined
      ? Array.from({ length: names.count }, (_, index) => index)
      : names.matching(listPattern(pattern), patternPart(pattern));
    if (module !== undefined) {
      const whole = /^[\w.-]+$/.test(module) ? `^${module}$` : module;
      const matches = listPattern(whole, { argument: "module" });
      const wanted = new Set(functions.modules.filter(matches));
      found = found.filter((index) => wanted.has(functions.module(index)));
    }
    if (traceable_only) found = found.filter((index) => this.#probing.isTraceable(index));
    if (pattern === undefined) return found;
    const exact = found.filter((index) => names.name(index) === pattern);
    if (exact.length === 0) return found;
    return [...exact, ...found.filter((index) => names.name(index) !== pattern)];
  }

  /** Names that may have been meant when nothing matches: of functions, or else of modules. */
  nearest({ pattern, module }: FunctionFilter): string[] {
    const { functions } = this.#source.symbols;
    if (module !== undefined && !functions.modules.includes(module)) {
      const near = nearest(patternWords(module), functions.modules, NEAREST);
      if (near.length > 0) return near;
    }
    if (pattern === undefined) return [];
    return nearest(patternWords(pattern), functions.names.all(), NEAREST);
  }

  row(index: number, extras: ReadonlySet<FunctionExtra>): FunctionRow {
    const { functions } = this.#source.symbols;
    const whyNot = this.#whyNot(index);
    const can = (kind: ProbeKind) => this.#barriers[kind] === null && !whyNot.has(kind);
    return {
      name: functions.names.name(index),
      module: functions.module(index),
      kprobe: can("kprobe"),
      fentry: can("fentry"),
      fexit: can("fexit"),
      ...(whyNot.size === 0 ? {} : { why_not: Object.fromEntries(whyNot) }),
      ...(extras.has("prototype") ? { prototype: this.#prototype(index) } : {}),
      ...(extras.has("address") ? { address: this.#address(index) } : {}),
    };
  }

  /** Whether the kernel shows addresses: those of its own functions are never 0. */
  showsAddresses(): boolean {
    const { functions } = this.#source.symbols;
    const last = functions.count - 1;
    return last >= 0 && (functions.address(last) ?? 0n) !== 0n;
  }

  #whyNot(index: number): Map<ProbeKind, Reason> {
    const found = new Map<ProbeKind, Reason>();
    for (const kind of probeKinds) {
      if (this.#barriers[kind] !== null) continue;
      const reason = this.#probing.whyNot(kind, index);
      if (reason === null) continue;
      found.set(kind, reason);
      this.given.add(reason);
    }
    return found;
  }

  #prototype(index: number): string | null {
    const { symbols, types } = this.#source;
    const btf = types.ofFunction(symbols.functions, index);
    const type = btf === null ? null : symbols.types.find(index, btf);
    return btf === null || type === null ? null : prototypeText(btf, type);
  }

  #address(index: number): string | null {
    const address = this.#source.symbols.functions.address(index);
    return address === null || address === 0n ? null : `0x${address.toString(16)}`;
  }
}
