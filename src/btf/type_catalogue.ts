// A BTF with what makes questions about it fast, each part made when first asked for.
import type { Btf } from "./btf.ts";
import { MemberUsers } from "./member_users.ts";
import { TypeNames } from "./type_names.ts";

export class TypeCatalogue {
  readonly btf: Btf;
  /** What split BTF continues. */
  readonly base: TypeCatalogue | null;
  #names: TypeNames | null = null;
  #users: MemberUsers | null = null;

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
}
