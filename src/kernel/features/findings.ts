// What was found out with one set of capabilities, each thing when it was first asked for.
import type { Btf } from "../../btf/btf.ts";
import type { Attempts } from "./attempt.ts";
import { type AttachTypeFeature, AttachTypes } from "./attach_types.ts";
import {
  type Caller,
  type CallFeature,
  kfuncsOf,
  probeHelpers,
  probeKfuncs,
} from "./call_probes.ts";
import type { NumberedName } from "./enums.ts";
import type { Feature } from "./feature.ts";
import { type MapTypeDetails, type MapTypeFeature, MapTypes } from "./map_types.ts";
import type { Privileges } from "./privileges.ts";
import { type ProgramTypeFeature, ProgramTypes } from "./program_types.ts";
import { knownPairs } from "./sections.ts";

/** What programs of one type may call. */
export interface Callable {
  /** Null where it cannot be tried; then `why` says what is missing. */
  readonly calls: readonly CallFeature[] | null;
  readonly why: string | null;
}

export class Findings {
  readonly #attempts: Attempts;
  readonly #btf: Btf | null;
  readonly #programs: ProgramTypes;
  readonly #attaching: AttachTypes;
  readonly #maps: MapTypes;
  readonly #kept = {
    programs: new Map<"all", readonly ProgramTypeFeature[]>(),
    maps: new Map<"all", readonly MapTypeFeature[]>(),
    attaching: new Map<"all", readonly AttachTypeFeature[]>(),
    helpers: new Map<string, readonly CallFeature[]>(),
    kfuncs: new Map<string, readonly CallFeature[]>(),
    details: new Map<string, MapTypeDetails | null>(),
  };

  constructor(attempts: Attempts, privileges: Privileges, btf: Btf | null) {
    this.#attempts = attempts;
    this.#btf = btf;
    this.#programs = new ProgramTypes(attempts, privileges, btf);
    this.#attaching = new AttachTypes(attempts, this.#programs, btf);
    this.#maps = new MapTypes(attempts, privileges, btf);
  }

  programTypes(): readonly ProgramTypeFeature[] {
    return keep(this.#kept.programs, "all", () => this.#programs.all());
  }

  mapTypes(): readonly MapTypeFeature[] {
    return keep(this.#kept.maps, "all", () => this.#maps.all());
  }

  attachTypes(): readonly AttachTypeFeature[] {
    const known = knownPairs();
    return keep(
      this.#kept.attaching,
      "all",
      () => this.#programs.names().flatMap((type) => this.#attaching.of(type, known)),
    );
  }

  mapTypeDetails(type: NumberedName): MapTypeDetails | null {
    const kept = this.#kept.details.get(type.name);
    if (kept !== undefined) return kept;
    const details = this.#maps.details(type);
    if (details !== null) this.#kept.details.set(type.name, details);
    return details;
  }

  helpersFor(type: NumberedName): Callable {
    const caller = this.#caller(type);
    if (typeof caller === "string") return { calls: null, why: caller };
    const probe = () => probeHelpers(this.#attempts, caller, this.#btf);
    return { calls: keep(this.#kept.helpers, type.name, probe), why: null };
  }

  kfuncsFor(type: NumberedName): Callable {
    const btf = this.#btf;
    if (btf === null) return { calls: null, why: "the kernel has no BTF to name functions with" };
    const caller = this.#caller(type);
    if (typeof caller === "string") return { calls: null, why: caller };
    if (kfuncsOf(btf).length === 0) {
      return {
        calls: null,
        why: "the kernel's BTF does not mark them (since 6.10, with pahole 1.26)",
      };
    }
    const probe = () => probeKfuncs(this.#attempts, caller, btf);
    return { calls: keep(this.#kept.kfuncs, type.name, probe), why: null };
  }

  /** What calls of this type are tried with, or why none can be tried. */
  #caller(type: NumberedName): Caller | string {
    const shape = this.#programs.shape(type);
    if (shape !== null) {
      const variants = this.#attaching.variants(type, this.attachTypes());
      return { shape, variants, standing: this.#programs.standing(type.name) };
    }
    const found = this.programTypes().find(({ name }) => name === type.name);
    return found?.accepted === true
      ? "a program of this type loads only for what it is meant for, and may call what that may"
      : `no program of this type could be loaded to try them with: ${found?.why ?? ""}`;
  }
}

/** What was refused for now is asked again the next time. */
function keep<Key, Item extends Feature>(
  kept: Map<Key, readonly Item[]>,
  key: Key,
  find: () => readonly Item[],
): readonly Item[] {
  const before = kept.get(key);
  if (before !== undefined) return before;
  const found = find();
  if (!found.some(({ accepted, errno }) => accepted === null && errno !== null)) {
    kept.set(key, found);
  }
  return found;
}
