// Who contains a type: the members of structs and unions that are of it, by the names that
// contain them.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import { coreOf, type MemberUse, passes } from "./member_users.ts";
import type { TypeCatalogue } from "./type_catalogue.ts";

/** Nameless structs inside each other that are looked through, from the inside out. */
const MAX_LEVELS = 16;
/** Places that one question may find, and members that it may look at. */
const MAX_FOUND = 1 << 16;
const MAX_LOOKS = 1 << 19;

/** A member of the type, or of arrays of it, or pointers to it. */
export interface Container {
  /** A struct or union that has a name or a typedef, or a nameless one that nothing contains. */
  readonly owner: TypeId;
  /** Members from the owner to the type: the last is the one that is of it. */
  readonly path: readonly MemberUse[];
  readonly through: "value" | "array" | "pointer";
}

export interface Containers {
  readonly found: readonly Container[];
  /** False when the list ends at the limit. */
  readonly whole: boolean;
}

/** Which ways to a type count. */
export type Through = "value" | "pointer";

/**
 * The members that are of `type`; pointers to it only when `through` says so. Those of a typedef
 * are the ones that name the typedef.
 */
export function findContainers(
  catalogue: TypeCatalogue,
  type: TypeId,
  through: Through,
): Containers {
  const search = new ContainerSearch(catalogue, through);
  for (const core of meant(catalogue.btf, type)) search.add(core, type);
  return { found: search.found, whole: !search.isFull };
}

/** The type's core, and what only declares it: a pointer to either is a pointer to it. */
function meant(btf: Btf, type: TypeId): TypeId[] {
  const core = coreOf(btf, type).type;
  const kind = btf.kind(core);
  if (kind !== "struct" && kind !== "union") return [core];
  const name = btf.name(core);
  return [core, ...btf.find(name, "fwd").filter((id) => btf.forward(id) === kind)];
}

class ContainerSearch {
  readonly found: Container[] = [];
  readonly #catalogue: TypeCatalogue;
  readonly #btf: Btf;
  readonly #through: Through;
  #looks = 0;

  constructor(catalogue: TypeCatalogue, through: Through) {
    this.#catalogue = catalogue;
    this.#btf = catalogue.btf;
    this.#through = through;
  }

  /** Whether there may be more than what was found. */
  get isFull(): boolean {
    return this.found.length >= MAX_FOUND || this.#looks >= MAX_LOOKS;
  }

  add(core: TypeId, wanted: TypeId): void {
    const isAlias = wanted !== this.#btf.resolve(wanted);
    for (const use of this.#uses(core)) {
      const type = this.#btf.memberType(use.owner, use.index);
      const { through } = coreOf(this.#btf, type);
      if (through === "pointer" && this.#through === "value") continue;
      if (isAlias && !passes(this.#btf, type, wanted)) continue;
      this.#climb(use.owner, [use], through, 0);
    }
  }

  /** From a nameless struct to those that it is a member of, until one has a name. */
  #climb(
    owner: TypeId,
    path: readonly MemberUse[],
    through: Container["through"],
    level: number,
  ): void {
    let isContained = false;
    if (level < MAX_LEVELS && !this.#catalogue.isNamed(owner)) {
      for (const use of this.#uses(owner)) {
        const type = this.#btf.memberType(use.owner, use.index);
        if (coreOf(this.#btf, type).through === "pointer") continue;
        isContained = true;
        this.#climb(use.owner, [use, ...path], through, level + 1);
      }
    }
    if (!isContained && !this.isFull) this.found.push({ owner, path, through });
  }

  *#uses(core: TypeId): Generator<MemberUse> {
    for (let at: TypeCatalogue | null = this.#catalogue; at !== null; at = at.base) {
      for (const use of at.users.of(core)) {
        if (this.isFull) return;
        this.#looks++;
        yield use;
      }
    }
  }
}
