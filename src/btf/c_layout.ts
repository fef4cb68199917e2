// Where a C compiler puts the members of a struct, and what must stand between them so that it
// puts them where BTF says. The rules are those of the System V ABI for x86-64 and arm64.
import type { Btf, Member } from "./btf.ts";
import { invalidBtf, typeTooLarge } from "./invalid.ts";
import type { TypeId } from "./kind.ts";

/** Structs inside each other; C code stays far below. */
const MAX_DEPTH = 64;
/** Members of all structs that one text may need. */
const MAX_MEMBERS = 1 << 16;
const POINTER_BYTES = 8;

/** What stands in a struct's body, in its order. */
export type Piece =
  /** `width` is 0 for what is not a bitfield. */
  | { readonly kind: "member"; readonly member: Member; readonly width: number }
  /** Bytes without a name, from byte `offset` on. */
  | { readonly kind: "bytes"; readonly offset: number; readonly count: number }
  /** Bits without a name, up to a byte's or a field's begin. */
  | { readonly kind: "bits"; readonly count: number };

export interface CLayout {
  readonly pieces: readonly Piece[];
  /** Members lie closer than their types would, or the size is no multiple of their alignment. */
  readonly packed: boolean;
  /** Bytes; what the written struct has, which may be less than the kernel's. */
  readonly align: number;
}

/** An int or float as C code can name it: one that has a type of this size. */
export function isPlainSize(size: number): boolean {
  return size === 1 || size === 2 || size === 4 || size === 8 || size === 16;
}

interface Field {
  readonly member: Member;
  /** From the struct's begin. */
  readonly bit: number;
  /** 0 for what is not a bitfield. */
  readonly width: number;
  readonly bits: number;
  readonly align: number;
}

/** The layouts of one BTF's structs and unions; each is found once. */
export class CLayouts {
  readonly #btf: Btf;
  readonly #known = new Map<TypeId, CLayout>();
  readonly #open = new Set<TypeId>();
  #members = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  /**
   * The layout of a struct or union.
   * @throws validation/invalid_btf for a struct that no C code can be, or that contains itself
   * @throws resource/limit_exceeded
   */
  of(id: TypeId): CLayout {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    if (this.#open.has(id)) throw invalidBtf(`type ${id} contains itself`);
    if (this.#open.size >= MAX_DEPTH) {
      throw invalidBtf(`type ${id} is nested deeper than ${MAX_DEPTH} levels`);
    }
    this.#open.add(id);
    const fields = this.#fields(id);
    const size = this.#btf.sizeOf(id);
    const place = this.#btf.kind(id) === "union" ? placeUnion : placeStruct;
    const layout = place(fields, size, "natural") ?? place(fields, size, "packed");
    this.#open.delete(id);
    if (layout === null) throw invalidBtf(`the members of type ${id} overlap or end outside it`);
    this.#known.set(id, layout);
    return layout;
  }

  /** The alignment of a type as it is written. */
  alignOf(type: TypeId): number {
    const btf = this.#btf;
    let at = btf.resolve(type);
    for (let levels = 0; btf.kind(at) === "array"; levels++) {
      if (levels >= MAX_DEPTH) throw invalidBtf(`type ${type} has too many array levels`);
      at = btf.resolve(btf.array(at).element);
    }
    const kind = btf.kind(at);
    switch (kind) {
      case "ptr":
        return POINTER_BYTES;
      case "int":
      case "float":
      case "enum":
      case "enum64": {
        const size = btf.sizeOf(at);
        return isPlainSize(size) ? size : 1;
      }
      case "struct":
      case "union":
        return this.of(at).align;
      default:
        throw invalidBtf(`type ${at} "${btf.name(at)}" is ${kind}, which has no size`);
    }
  }

  #fields(id: TypeId): Field[] {
    this.#members += this.#btf.entryCount(id);
    if (this.#members > MAX_MEMBERS) throw typeTooLarge("members", this.#members, MAX_MEMBERS);
    const fields = this.#btf.members(id).map((member) => this.#field(member));
    return fields.sort((a, b) => a.bit - b.bit); // a compiler may shuffle them, and keeps ties
  }

  #field(member: Member): Field {
    const btf = this.#btf;
    const align = this.alignOf(member.type);
    const bits = btf.sizeOf(member.type) * 8;
    const type = btf.resolve(member.type);
    const kind = btf.kind(type);
    let bit = member.bitOffset;
    let width = member.bitSize;
    if (kind === "int") {
      const int = btf.int(type); // narrower than its bytes: how old compilers write bitfields
      if (width === 0 && int.bits < bits) width = int.bits;
      bit += int.bitOffset;
    }
    if (width > 0 && kind !== "int" && kind !== "enum" && kind !== "enum64") {
      throw invalidBtf(`bitfield "${member.name}" is neither int nor enum`);
    }
    if (width > bits || (width === 0 && bit % 8 !== 0)) {
      throw invalidBtf(`member "${member.name}" has ${width} bits of ${bits} at bit ${bit}`);
    }
    return { member, bit, width, bits, align };
  }
}

type Placing = "natural" | "packed";

/** Null when the members cannot be where they are in this way. */
function placeStruct(fields: readonly Field[], size: number, placing: Placing): CLayout | null {
  const pieces: Piece[] = [];
  let at = 0;
  let align = 1;
  for (const field of fields) {
    if (field.bit < at || !mayBeAt(field, field.bit, placing)) return null;
    if (nextPlace(field, at, placing) !== field.bit) addPadding(pieces, at, field.bit);
    pieces.push({ kind: "member", member: field.member, width: field.width });
    at = field.bit + (field.width || field.bits);
    if (placing === "natural") align = Math.max(align, field.align);
  }
  if (at > size * 8 || size % align !== 0) return null;
  if (alignUp(at, align * 8) < size * 8) addPadding(pieces, at, size * 8);
  return { pieces, packed: placing === "packed", align };
}

/** All members of a union begin with it. */
function placeUnion(fields: readonly Field[], size: number, placing: Placing): CLayout | null {
  const pieces: Piece[] = [];
  let end = 0;
  let align = 1;
  for (const { member, bit, width, bits, align: own } of fields) {
    if (bit !== 0) return null;
    pieces.push({ kind: "member", member, width });
    end = Math.max(end, width || bits);
    if (placing === "natural") align = Math.max(align, own);
  }
  if (end > size * 8 || size % align !== 0) return null;
  if (alignUp(end, align * 8) < size * 8) pieces.push({ kind: "bytes", offset: 0, count: size });
  return { pieces, packed: placing === "packed", align };
}

/** A bitfield may not cross what its type holds, unless the struct is packed. */
function mayBeAt({ width, bits, align }: Field, bit: number, placing: Placing): boolean {
  if (placing === "packed") return width > 0 || bit % 8 === 0;
  if (width === 0) return bit % (align * 8) === 0;
  return bit % (align * 8) + width <= bits;
}

/** Where the compiler puts the field when all before it ends at bit `at`. */
function nextPlace(field: Field, at: number, placing: Placing): number {
  if (field.width > 0 && mayBeAt(field, at, placing)) return at;
  return alignUp(at, placing === "packed" ? 8 : field.align * 8);
}

/** Bytes begin at the next whole one by themselves: bits before them need no name. */
function addPadding(pieces: Piece[], from: number, to: number): void {
  const start = alignUp(from, 8);
  const count = Math.floor((to - start) / 8);
  if (count > 0) pieces.push({ kind: "bytes", offset: start / 8, count });
  const at = count > 0 ? start + count * 8 : from;
  const end = Math.min(alignUp(at + 1, 8), to);
  if (at < end) pieces.push({ kind: "bits", count: end - at });
  if (end < to) pieces.push({ kind: "bits", count: to - end });
}

function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
