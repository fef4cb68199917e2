// What the running kernel takes, found by asking it: `kernel.features`. One for the process.
// Nothing is tried before somebody asks, and nothing stays: no descriptor, no program, no link.
import type { KernelBtf } from "../kernel_btf.ts";
import { Attempts } from "./attempt.ts";
import type { AttachTypeFeature } from "./attach_types.ts";
import { type ContextType, contextTypes } from "./context_types.ts";
import { type NumberedName, numberedNames, uapiEnums } from "./enums.ts";
import { type Callable, Findings } from "./findings.ts";
import { type MapFacts, mapFacts } from "./map_facts.ts";
import type { MapTypeDetails, MapTypeFeature } from "./map_types.ts";
import { Privileges } from "./privileges.ts";
import { neededCapabilities, type ProgramFacts, programFacts } from "./program_facts.ts";
import type { ProgramTypeFeature } from "./program_types.ts";
import { type SectionName, sectionsOf } from "./sections.ts";

export type { Feature } from "./feature.ts";

/** What is known of a program type beside whether the kernel takes it. */
export interface ProgramTypeTraits {
  readonly facts: ProgramFacts | null;
  /** Capabilities that loading takes. */
  readonly capabilities: readonly string[];
  readonly sections: readonly SectionName[];
  /** Null without BTF, and where the kernel was built without the type. */
  readonly context: ContextType | null;
}

export class KernelFeatures {
  readonly #kernelBtf: KernelBtf;
  #found: { readonly key: string; readonly findings: Findings } | null = null;
  #contexts: ReadonlyMap<string, ContextType> | null = null;

  constructor(btf: KernelBtf) {
    this.#kernelBtf = btf;
  }

  /** Every program type that the kernel or this program knows, by rising number. Some 3 ms. */
  programTypes(): readonly ProgramTypeFeature[] {
    return this.#findings().programTypes();
  }

  /** Every map type that the kernel or this program knows, by rising number. Some 5 ms. */
  mapTypes(): readonly MapTypeFeature[] {
    return this.#findings().mapTypes();
  }

  /**
   * What programs can be attached to: pairs of attach and program type, those that the kernel takes
   * and those that libbpf knows and the kernel does not. `link` says whether it makes a bpf_link.
   */
  attachTypes(): readonly AttachTypeFeature[] {
    return this.#findings().attachTypes();
  }

  /**
   * Which helpers programs of a type may call; some 200 loads the first time.
   * @param name of a program type, such as `xdp`
   */
  helpersFor(name: string): Callable {
    const type = this.programType(name);
    return type === null ? unknownType(name) : this.#findings().helpersFor(type);
  }

  /**
   * Which functions of the kernel programs of a type may call; a load for each the first time.
   * @param name of a program type, such as `xdp`
   * @since Linux 5.13
   */
  kfuncsFor(name: string): Callable {
    const type = this.programType(name);
    return type === null ? unknownType(name) : this.#findings().kfuncsFor(type);
  }

  /** What maps of a type want; some 150 small maps the first time. Null where there are none. */
  mapTypeDetails(name: string): MapTypeDetails | null {
    const type = numberedNames(uapiEnums.mapType, this.#kernelBtf.readable()).find((type) =>
      type.name === name
    );
    return type === undefined ? null : this.#findings().mapTypeDetails(type);
  }

  /** A program type by its name; null when neither kernel nor this program knows it. */
  programType(name: string): NumberedName | null {
    const types = numberedNames(uapiEnums.programType, this.#kernelBtf.readable());
    return types.find((type) => type.name === name) ?? null;
  }

  /** What is known of a program type without trying anything. */
  programTypeTraits(name: string): ProgramTypeTraits {
    const btf = this.#kernelBtf.readable();
    this.#contexts ??= btf === null ? new Map() : contextTypes(btf);
    return {
      facts: programFacts.get(name) ?? null,
      capabilities: neededCapabilities(name),
      sections: sectionsOf(name),
      context: this.#contexts.get(name) ?? null,
    };
  }

  /** What is known of a map type without trying anything; null for one that is too new. */
  mapTypeFacts(name: string): MapFacts | null {
    return mapFacts.get(name) ?? null;
  }

  /** Whether the kernel's types can be read, which much of this is taken from. */
  hasBtf(): boolean {
    return this.#kernelBtf.readable() !== null;
  }

  /** What was found with capabilities that have since changed says nothing any more. */
  #findings(): Findings {
    const privileges = Privileges.read();
    const { key } = privileges;
    if (this.#found?.key === key) return this.#found.findings;
    const findings = new Findings(new Attempts(), privileges, this.#kernelBtf.readable());
    this.#found = { key, findings };
    return findings;
  }
}

function unknownType(name: string): Callable {
  return { calls: null, why: `neither this kernel nor this program knows the type "${name}"` };
}
