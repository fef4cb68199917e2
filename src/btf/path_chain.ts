// A path through types, "task_struct.mm->exe_file.f_path.dentry": where each step is, and which
// memory must be read on the way.
import { validationError } from "../errors.ts";
import { nearestFirst } from "../view/nearest.ts";
import type { Btf } from "./btf.ts";
import { invalidBtf, typeTooLarge } from "./invalid.ts";
import type { TypeId } from "./kind.ts";
import { listMembers } from "./member_list.ts";
import type { PathStep } from "./path_syntax.ts";
import { typeText } from "./type_text.ts";

const POINTER_BYTES = 8;
const MAX_DEPTH = 32;
const MAX_MEMBERS = 1 << 16;
/** Members that an error names. */
const MAX_LISTED = 16;

/** One access to memory: what lies at an offset from an address that is known by then. */
export interface Read {
  /** What the address points to. */
  readonly from: TypeId;
  /** The part of the path that this read covers: "f_path.dentry". */
  readonly fields: string;
  /** Bits from the address. */
  readonly bitOffset: number;
  /** 0 for what is not a bitfield. */
  readonly bitSize: number;
  readonly bytes: number;
  /** What is read. */
  readonly type: TypeId;
}

export interface PathChain {
  readonly root: TypeId;
  /** One for each pointer that is followed, and the last for the value. */
  readonly reads: readonly Read[];
}

/**
 * Follows the steps of a path from the type `root`; `path` is named in errors.
 *
 * @throws validation/unknown_field with the members that there are, validation/invalid_arguments
 * @throws validation/invalid_btf, resource/limit_exceeded
 */
export function followPath(
  btf: Btf,
  root: TypeId,
  steps: readonly PathStep[],
  path: string,
): PathChain {
  const walk = new PathWalk(btf, path, root);
  for (const step of steps) walk.take(step);
  return { root, reads: walk.end() };
}

class PathWalk {
  readonly #btf: Btf;
  readonly #path: string;
  readonly #reads: Read[] = [];
  /** What the current address points to, and what has been taken from there on. */
  #from: TypeId;
  #fields = "";
  #bits = 0;
  #bitSize = 0;
  #at: TypeId;
  #visited = 0;

  constructor(btf: Btf, path: string, root: TypeId) {
    this.#btf = btf;
    this.#path = path;
    this.#from = root;
    this.#at = root;
  }

  take(step: PathStep): void {
    if (step.kind === "member") this.#member(step.name);
    else this.#element(step.index);
  }

  end(): readonly Read[] {
    this.#read();
    return this.#reads;
  }

  #member(name: string): void {
    if (this.#btf.kind(this.#btf.resolve(this.#at)) === "ptr") this.#follow();
    const record = this.#record();
    const found = this.#find(record, name, 0, 0);
    if (found === null) throw this.#unknown(record, name);
    this.#bits += found.bitOffset;
    this.#bitSize = found.bitSize;
    this.#at = found.type;
    this.#fields += this.#fields === "" ? name : `.${name}`;
  }

  #element(index: number): void {
    const btf = this.#btf;
    const type = btf.resolve(this.#at);
    let element: TypeId;
    if (btf.kind(type) === "array") {
      const array = btf.array(type);
      if (array.count > 0 && index >= array.count) {
        throw this.#refused(`[${index}] is outside ${this.#text(type)}`);
      }
      element = array.element;
    } else if (btf.kind(type) === "ptr") {
      this.#follow();
      element = this.#from;
    } else {
      throw this.#refused(`${this.#text(type)} has no elements`);
    }
    this.#bits += index * btf.sizeOf(element) * 8;
    this.#at = element;
    this.#fields += `[${index}]`;
  }

  /** Reads the pointer that stands here; what it points to is where the next part begins. */
  #follow(): void {
    const target = this.#btf.pointee(this.#btf.resolve(this.#at));
    this.#read();
    this.#from = target;
    this.#at = target;
    this.#fields = "";
    this.#bits = 0;
    this.#bitSize = 0;
  }

  #read(): void {
    const type = this.#at;
    const isPointer = this.#btf.kind(this.#btf.resolve(type)) === "ptr";
    const shift = this.#bits % 8;
    const bytes = isPointer
      ? POINTER_BYTES
      : this.#bitSize > 0
      ? Math.ceil((shift + this.#bitSize) / 8)
      : this.#btf.sizeOf(type);
    this.#reads.push({
      from: this.#from,
      fields: this.#fields,
      bitOffset: this.#bits,
      bitSize: this.#bitSize,
      bytes,
      type,
    });
  }

  /** The struct or union that stands here; a declared one by its name. */
  #record(): TypeId {
    const btf = this.#btf;
    const type = btf.resolve(this.#at);
    const kind = btf.kind(type);
    if (kind === "struct" || kind === "union") return type;
    if (kind === "fwd") {
      const [whole] = btf.find(btf.name(type), btf.forward(type));
      if (whole !== undefined) return whole;
      throw this.#refused(`${this.#text(type)} is only declared here`);
    }
    const hint = kind === "array" ? ", name an element: [0]" : "";
    throw this.#refused(`${this.#text(this.#at)} has no members${hint}`);
  }

  #find(record: TypeId, name: string, base: number, level: number): Place | null {
    const btf = this.#btf;
    if (level > MAX_DEPTH) throw invalidBtf(`type ${record} is nested too deep`);
    const members = btf.members(record);
    this.#visited += members.length + 1;
    if (this.#visited > MAX_MEMBERS) throw typeTooLarge("members", this.#visited, MAX_MEMBERS);
    for (const member of members) {
      if (member.name === name) return { ...member, bitOffset: base + member.bitOffset };
      if (member.name !== "") continue;
      const inside = btf.resolve(member.type);
      const kind = btf.kind(inside);
      if (kind !== "struct" && kind !== "union") continue;
      const found = this.#find(inside, name, base + member.bitOffset, level + 1);
      if (found !== null) return found;
    }
    return null;
  }

  #unknown(record: TypeId, name: string): Error {
    const names = listMembers(this.#btf, record, 1).map(({ path }) => path);
    const fields = nearestFirst(name, names, MAX_LISTED);
    const more = names.length > fields.length ? `, … (${names.length} in all)` : "";
    const owner = this.#text(record);
    const message = `Cannot follow "${this.#path}": ${owner} has no member "${name}", it has ` +
      `${fields.join(", ")}${more}`;
    return validationError("unknown_field", message, { path: this.#path, field: name, fields });
  }

  #refused(why: string): Error {
    return validationError("invalid_arguments", `Cannot follow "${this.#path}": ${why}`, {
      arguments: ["path"],
      path: this.#path,
    });
  }

  #text(type: TypeId): string {
    return typeText(this.#btf, type);
  }
}

interface Place {
  readonly type: TypeId;
  readonly bitOffset: number;
  readonly bitSize: number;
}
