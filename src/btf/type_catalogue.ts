// A BTF with what makes questions about it fast, each part made when first asked for.
import type { Btf } from "./btf.ts";
import { type Kind, KINDS, type TypeId } from "./kind.ts";
import { MemberUsers } from "./member_users.ts";
import { TypeNames } from "./type_names.ts";

/** Answers to the last questions that are kept; a page after the first asks the same again. */
const MOST_KEPT = 8;

export class TypeCatalogue {
  readonly btf: Btf;
  /** What split BTF continues. */
  readonly base: TypeCatalogue | null;
  #names: TypeNames | null = null;
  #users: MemberUsers | null = null;
  #typedefs: ReadonlyMap<TypeId, TypeId> | null = null;
  #counts: ReadonlyMap<Kind, number> | null = null;
  readonly #lists = new Map<string, readonly TypeId[]>();

  constructor(btf: Btf, base: TypeCatalogue | null) {
    this.btf = btf;
    this.base = base;
  }

  /** Names of the own types, without the base's. */
  get names(): TypeNames {
    return this.#names ??= new TypeNames(this.btf);
  }

  /** Which own structs and unions have members of which types. */
  get users(): MemberUsers {
    return this.#users ??= new MemberUsers(this.btf);
  }

  /** How many own types there are of each kind that there is. */
  get counts(): ReadonlyMap<Kind, number> {
    return this.#counts ??= countKinds(this.btf);
  }

  /** The list under `key`, made by `select` unless it was asked for lately. */
  list(key: string, select: () => readonly TypeId[]): readonly TypeId[] {
    const known = this.#lists.get(key);
    const list = known ?? select();
    this.#lists.delete(key); // what is set again is the newest
    this.#lists.set(key, list);
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > MOST_KEPT && oldest !== undefined) this.#lists.delete(oldest);
    return list;
  }

  /** Whether a type has a name of its own or by a typedef. */
  isNamed(id: TypeId): boolean {
    return this.btf.isNamed(id) || this.#typedefName(id) !== "";
  }

  /** A type's own name, or that of the typedef that is its only name; "" when it has neither. */
  nameOf(id: TypeId): string {
    return this.btf.name(id) || this.#typedefName(id);
  }

  #typedefName(id: TypeId): string {
    this.#typedefs ??= typedefsOfNameless(this.btf);
    const typedef = this.#typedefs.get(id);
    if (typedef !== undefined) return this.btf.name(typedef);
    return this.base === null || id >= this.btf.firstId ? "" : this.base.#typedefName(id);
  }
}

function countKinds(btf: Btf): ReadonlyMap<Kind, number> {
  const counts = new Map<Kind, number>(KINDS.map((kind) => [kind, 0]));
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    const kind = btf.kind(id);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return new Map([...counts].filter(([, count]) => count > 0));
}

/** By nameless struct, union or enum: the first typedef of it. */
function typedefsOfNameless(btf: Btf): ReadonlyMap<TypeId, TypeId> {
  const typedefs = new Map<TypeId, TypeId>();
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (btf.kind(id) !== "typedef") continue;
    const target = btf.pointee(id);
    const kind = btf.kind(target);
    const isBody = kind === "struct" || kind === "union" || kind === "enum" || kind === "enum64";
    if (isBody && !btf.isNamed(target) && !typedefs.has(target)) typedefs.set(target, id);
  }
  return typedefs;
}
