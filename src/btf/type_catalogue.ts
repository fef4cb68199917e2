// A BTF with what makes questions about it fast, each part made when first asked for.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import { MemberUsers } from "./member_users.ts";
import { TypeNames } from "./type_names.ts";

export class TypeCatalogue {
  readonly btf: Btf;
  /** What split BTF continues. */
  readonly base: TypeCatalogue | null;
  #names: TypeNames | null = null;
  #users: MemberUsers | null = null;
  #typedefs: ReadonlyMap<TypeId, TypeId> | null = null;

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

/** By nameless struct, union or enum: the first typedef of it. */
function typedefsOfNameless(btf: Btf): ReadonlyMap<TypeId, TypeId> {
  const typedefs = new Map<TypeId, TypeId>();
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (btf.kind(id) !== "typedef") continue;
    const target = btf.pointee(id);
    const kind = btf.kind(target);
    const isBody = kind === "struct" || kind === "union" || kind === "enum" || kind === "enum64";
    if (isBody && btf.name(target) === "" && !typedefs.has(target)) typedefs.set(target, id);
  }
  return typedefs;
}
