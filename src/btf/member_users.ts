// Who has members of a type: an index from what members are made of to the structs they are in.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";

/** Pointers to pointers, arrays and modifiers that are looked through; C code stays far below. */
const MAX_CHAIN = 64;

/** The type at the end of a member's arrays, typedefs, modifiers and, if asked, pointers. */
export interface Core {
  readonly type: TypeId;
  readonly through: "value" | "array" | "pointer";
}

/** One member that is of a type, as a place in a struct or union. */
export interface MemberUse {
  readonly owner: TypeId;
  /** The member's position in its owner. */
  readonly index: number;
}

/** The uses in one BTF's own structs and unions, without its base's. */
export class MemberUsers {
  /** Uses of core type `t` are those from `#first[t]` up to `#first[t + 1]`. */
  readonly #first: Uint32Array;
  readonly #owners: Uint32Array;
  readonly #indexes: Uint16Array;

  /** Looks at every member twice: some 15 ms for a kernel. */
  constructor(btf: Btf) {
    const first = new Uint32Array(btf.typeCount + 2);
    const cores = new Cores(btf);
    let total = 0;
    forEachMember(btf, (type) => {
      first[cores.of(type) + 2]++;
      total++;
    });
    for (let type = 2; type < first.length; type++) first[type] += first[type - 1];
    const owners = new Uint32Array(total);
    const indexes = new Uint16Array(total);
    forEachMember(btf, (type, owner, index) => {
      const at = first[cores.of(type) + 1]++;
      owners[at] = owner;
      indexes[at] = index;
    });
    this.#first = first;
    this.#owners = owners;
    this.#indexes = indexes;
  }

  /** Members whose core is `type`, pointers looked through; by rising owner and index. */
  *of(type: TypeId): Generator<MemberUse> {
    if (type + 1 >= this.#first.length) return;
    for (let at = this.#first[type]; at < this.#first[type + 1]; at++) {
      yield { owner: this.#owners[at], index: this.#indexes[at] };
    }
  }
}

function forEachMember(
  btf: Btf,
  visit: (type: TypeId, owner: TypeId, index: number) => void,
): void {
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    const kind = btf.kind(id);
    if (kind !== "struct" && kind !== "union") continue;
    const count = btf.entryCount(id);
    for (let index = 0; index < count; index++) visit(btf.memberType(id, index), id, index);
  }
}

/** The core of a type, and by what way it is reached. Circles end at void. */
export function coreOf(btf: Btf, type: TypeId): Core {
  let through: Core["through"] = "value";
  let at = type;
  for (let steps = 0; steps < MAX_CHAIN; steps++) {
    const inner = innerOf(btf, at);
    if (inner === null) return { type: at, through };
    const kind = btf.kind(at);
    if (kind === "ptr") through = "pointer";
    else if (kind === "array" && through === "value") through = "array";
    at = inner;
  }
  return { type: 0, through };
}

/** Whether the way from a member's type to its core passes `wanted`. */
export function passes(btf: Btf, type: TypeId, wanted: TypeId): boolean {
  let at: TypeId | null = type;
  for (let steps = 0; at !== null && steps < MAX_CHAIN; steps++) {
    if (at === wanted) return true;
    at = innerOf(btf, at);
  }
  return false;
}

/** What a pointer, an array, a typedef or a modifier is of; null for what is a core itself. */
function innerOf(btf: Btf, type: TypeId): TypeId | null {
  switch (btf.kind(type)) {
    case "array":
      return btf.array(type).element;
    case "ptr":
    case "typedef":
    case "const":
    case "volatile":
    case "restrict":
    case "type_tag":
      return btf.pointee(type);
    default:
      return null;
  }
}

/** Remembers cores: most members share a few types. */
class Cores {
  readonly #btf: Btf;
  /** One more than the core's id; 0 is not known yet. */
  readonly #known: Uint32Array;

  constructor(btf: Btf) {
    this.#btf = btf;
    this.#known = new Uint32Array(btf.typeCount);
  }

  of(type: TypeId): TypeId {
    const known = this.#known[type];
    if (known !== 0) return known - 1;
    const core = coreOf(this.#btf, type).type;
    this.#known[type] = core + 1;
    return core;
  }
}
