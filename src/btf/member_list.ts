// The members of a struct as one flat list: nameless ones belong to what contains them, and the
// structs inside are spelled out as deep as asked.
import type { Btf, Member } from "./btf.ts";
import { invalidBtf, typeTooLarge } from "./invalid.ts";
import type { TypeId } from "./kind.ts";

/** Structs inside each other; C code stays far below. */
const MAX_DEPTH = 32;
const MAX_MEMBERS = 1 << 16;

/** A member by its path from the struct that was asked for. */
export interface ListedMember {
  /** `se.load.weight`; behind an array's `[]` stands what each element has. */
  readonly path: string;
  readonly type: TypeId;
  /** From the begin of the struct that was asked for. */
  readonly bitOffset: number;
  /** 0 for what is not a bitfield. */
  readonly bitSize: number;
}

/**
 * The members of a struct or union in their order; `depth` 1 gives its own, 2 also those of the
 * structs inside.
 *
 * @throws validation/invalid_btf for a struct that contains itself, resource/limit_exceeded
 */
export function listMembers(btf: Btf, type: TypeId, depth: number): ListedMember[] {
  const list = new MemberList(btf);
  list.add(type, "", 0, depth, 0);
  return list.members;
}

class MemberList {
  readonly members: ListedMember[] = [];
  readonly #btf: Btf;
  #visited = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  add(type: TypeId, prefix: string, base: number, depth: number, level: number): void {
    if (level > MAX_DEPTH) {
      throw invalidBtf(`type ${type} is nested deeper than ${MAX_DEPTH} levels`);
    }
    const members = this.#btf.members(type);
    this.#visited += members.length + 1;
    if (this.#visited > MAX_MEMBERS) throw typeTooLarge("members", this.#visited, MAX_MEMBERS);
    for (const member of members) this.#addMember(member, prefix, base, depth, level);
  }

  #addMember(member: Member, prefix: string, base: number, depth: number, level: number): void {
    const { name, type, bitSize } = member;
    const bitOffset = base + member.bitOffset;
    const core = this.#btf.resolve(type);
    if (name === "" && isComposite(this.#btf, core)) {
      this.add(core, prefix, bitOffset, depth, level + 1);
      return;
    }
    const path = prefix + name;
    this.members.push({ path, type, bitOffset, bitSize });
    if (depth <= 1) return;
    const inside = elementOf(this.#btf, core);
    if (!isComposite(this.#btf, inside)) return;
    const brackets = inside === core ? "" : "[]";
    this.add(inside, `${path}${brackets}.`, bitOffset, depth - 1, level + 1);
  }
}

function isComposite(btf: Btf, type: TypeId): boolean {
  const kind = btf.kind(type);
  return kind === "struct" || kind === "union";
}

/** What an array of arrays is made of. */
function elementOf(btf: Btf, type: TypeId): TypeId {
  let at = type;
  for (let levels = 0; btf.kind(at) === "array"; levels++) {
    if (levels > MAX_DEPTH) throw invalidBtf(`type ${type} has too many array levels`);
    at = btf.resolve(btf.array(at).element);
  }
  return at;
}
