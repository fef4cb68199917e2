// From type ids to layouts, within limits that hostile BTF cannot pass.
import type { Btf, Member } from "./btf.ts";
import { invalidBtf, typeTooLarge } from "./invalid.ts";
import type { TypeId } from "./kind.ts";
import type { ArrayEnd, EnumNames, Field, Layout, StructLayout } from "./layout.ts";
import { exactInteger } from "./value.ts";

/** Structs and arrays inside each other; C code stays far below. */
const MAX_DEPTH = 32;
/** Fields of all structs of one layout, anonymous ones flattened as often as they occur. */
const MAX_FIELDS = 16_384;
/** Values that one record or map value may decode to. */
export const MAX_VALUES = 1 << 20;
/** Values per byte of a flexible array's element: its count is known only from the record. */
const MAX_FLEXIBLE_DENSITY = 64;

/** Whether anything follows a type in its record: what is last may be cut or flexible. */
type Position = "inner" | "last";

/**
 * The layout of a type, or of a section's variables.
 *
 * @throws validation/invalid_btf, resource/limit_exceeded
 */
export function layoutOf(btf: Btf, type: TypeId): Layout {
  return new LayoutBuilder(btf).build(type, "last");
}

/** Like {@link layoutOf}, for a type that must be a struct, a union or a section. */
export function structLayoutOf(btf: Btf, type: TypeId): StructLayout {
  const layout = layoutOf(btf, type);
  if (layout.kind !== "struct") {
    throw invalidBtf(`type ${type} is ${btf.kind(btf.resolve(type))}, a struct is wanted`);
  }
  return layout;
}

class LayoutBuilder {
  readonly #btf: Btf;
  readonly #structs = new Map<string, StructLayout>();
  readonly #enums = new Map<TypeId, Layout>();
  #depth = 0;
  #fields = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  build(type: TypeId, position: Position): Layout {
    if (this.#depth >= MAX_DEPTH) {
      throw invalidBtf(`type ${type} is nested deeper than ${MAX_DEPTH} levels`);
    }
    this.#depth++;
    const layout = this.#build(this.#btf.resolve(type), position);
    this.#depth--;
    if (layout.values > MAX_VALUES) throw typeTooLarge("values", layout.values, MAX_VALUES);
    return layout;
  }

  #build(id: TypeId, position: Position): Layout {
    const kind = this.#btf.kind(id);
    switch (kind) {
      case "int":
        return this.#int(id);
      case "ptr":
        return { kind: "pointer", ...scalar(8) };
      case "float":
        return this.#float(id);
      case "enum":
      case "enum64":
        return this.#enum(id);
      case "array":
        return this.#array(id, position);
      case "struct":
      case "union":
      case "datasec":
        return this.#struct(id, position);
      case "var":
        return this.build(this.#btf.pointee(id), position);
      default:
        throw invalidBtf(`type ${id} "${this.#btf.name(id)}" is ${kind}, which has no size`);
    }
  }

  #int(id: TypeId): Layout {
    const size = this.#btf.sizeOf(id);
    const { bits, bitOffset, signed, bool } = this.#btf.int(id);
    if (bits === 0 || bits > 128 || bitOffset + bits > size * 8 || size > 16) {
      throw invalidBtf(`type ${id} is an int of ${bits} bits in ${size} bytes`);
    }
    const plain = bits === size * 8 && [1, 2, 4, 8, 16].includes(size);
    if (!plain) {
      const place = { shift: bitOffset, width: bits };
      return { kind: "bits", ...place, signed, bool, names: null, ...scalar(size) };
    }
    return bool ? { kind: "bool", ...scalar(size) } : { kind: "int", signed, ...scalar(size) };
  }

  #float(id: TypeId): Layout {
    const size = this.#btf.sizeOf(id);
    if (![2, 4, 8, 12, 16].includes(size)) {
      throw invalidBtf(`type ${id} is a float of ${size} bytes`);
    }
    return { kind: "float", ...scalar(size) };
  }

  #enum(id: TypeId): Layout {
    const known = this.#enums.get(id);
    if (known !== undefined) return known;
    const size = this.#btf.sizeOf(id);
    if (![1, 2, 4, 8].includes(size)) throw invalidBtf(`type ${id} is an enum of ${size} bytes`);
    const signed = this.#btf.isSigned(id);
    const layout: Layout = { kind: "enum", signed, names: this.#names(id), ...scalar(size) };
    this.#enums.set(id, layout);
    return layout;
  }

  #names(id: TypeId): EnumNames {
    const names = new Map<number | string, string>();
    for (const { name, value } of this.#btf.enumerators(id)) {
      const key = exactInteger(value);
      if (!names.has(key)) names.set(key, name);
    }
    return names;
  }

  #array(id: TypeId, position: Position): Layout {
    const { element: elementType, count } = this.#btf.array(id);
    const end: ArrayEnd = position === "inner" ? "fixed" : count === 0 ? "flexible" : "tail";
    if (this.#isChar(elementType)) return text(count, end);
    const element = this.build(elementType, "inner");
    const size = count * element.size;
    const values = 1 + count * element.values;
    if (size > 0xffffffff) throw invalidBtf(`type ${id} has ${size} bytes`);
    const dense = element.size * MAX_FLEXIBLE_DENSITY;
    if (end === "flexible" && element.size > 0 && element.values > dense) {
      throw typeTooLarge("values in a flexible element", element.values, dense);
    }
    const need = end === "fixed" ? size : 0;
    return { kind: "array", element, count, end, size, need, values, nodes: 1 + element.nodes };
  }

  /** `char`, but not `signed char` or `unsigned char`: those are numbers (s8, u8). */
  #isChar(type: TypeId): boolean {
    const id = this.#btf.resolve(type);
    if (this.#btf.kind(id) !== "int" || this.#btf.sizeOf(id) !== 1) return false;
    return this.#btf.int(id).char || this.#btf.name(id) === "char";
  }

  #struct(id: TypeId, position: Position): StructLayout {
    const key = `${id} ${position}`;
    const known = this.#structs.get(key);
    if (known !== undefined) return known;
    const fields: Field[] = [];
    if (this.#btf.kind(id) === "datasec") this.#addVariables(id, fields);
    else this.#addMembers(id, 0, position, fields);
    nameApart(fields);
    let [need, values, nodes] = [0, 1, 1];
    for (const { offset, layout } of fields) {
      need = Math.max(need, offset + layout.need);
      values += layout.values;
      nodes += layout.nodes;
    }
    const size = this.#btf.sizeOf(id);
    const layout: StructLayout = { kind: "struct", fields, size, need, values, nodes };
    this.#structs.set(key, layout);
    return layout;
  }

  #addVariables(id: TypeId, fields: Field[]): void {
    const size = this.#btf.sizeOf(id);
    for (const { name, type, offset } of this.#btf.variables(id)) {
      const kind = this.#btf.kind(type);
      if (kind === "func" || kind === "func_proto") continue; // .ksyms: nothing is stored
      this.#countField();
      const layout = this.build(type, "inner");
      if (size === 0) throw unlinked(this.#btf.name(id)); // the compiler leaves sections so
      if (offset + layout.size > size) throw outside(`variable "${name}"`, id);
      fields.push({ name, offset, type, layout });
    }
  }

  #addMembers(id: TypeId, base: number, position: Position, fields: Field[]): void {
    const members = this.#btf.members(id);
    const limit = this.#btf.sizeOf(id) * 8;
    const isUnion = this.#btf.kind(id) === "union";
    const argv = this.#argvMembers(id);
    members.forEach((member, index) => {
      this.#countField();
      const last = isUnion || index === members.length - 1;
      const place = last ? position : "inner";
      const type = this.#btf.resolve(member.type);
      const kind = this.#btf.kind(type);
      if (member.name === "" && (kind === "struct" || kind === "union")) {
        const end = member.bitOffset + this.#btf.sizeOf(type) * 8;
        if (member.bitOffset % 8 !== 0 || end > limit) throw outside("an anonymous member", id);
        this.#addAnonymous(type, base + member.bitOffset / 8, place, fields);
        return;
      }
      const layout = this.#member(member, place, argv.has(index) ? "many" : "one");
      const offset = Math.floor(member.bitOffset / 8);
      const bits = layout.kind === "bits" ? layout.shift + layout.width : layout.size * 8;
      if (offset * 8 + bits > limit) throw outside(`member "${member.name}"`, id);
      const name = member.name === "" ? `unnamed_${base * 8 + member.bitOffset}` : member.name;
      fields.push({ name, offset: base + offset, type: member.type, layout });
    });
  }

  #addAnonymous(type: TypeId, base: number, position: Position, fields: Field[]): void {
    if (this.#depth >= MAX_DEPTH) {
      throw invalidBtf(`type ${type} is nested deeper than ${MAX_DEPTH} levels`);
    }
    this.#depth++;
    this.#addMembers(type, base, position, fields);
    this.#depth--;
  }

  #member(member: Member, position: Position, texts: "one" | "many"): Layout {
    const layout = this.build(member.type, position);
    if (layout.kind === "text") return { ...layout, texts };
    const shift = member.bitOffset % 8;
    if (member.bitSize === 0 && layout.kind !== "bits") {
      if (shift !== 0) throw invalidBtf(`member "${member.name}" begins within a byte`);
      return layout;
    }
    return bitfield(member, layout, shift);
  }

  #argvMembers(id: TypeId): ReadonlySet<number> {
    const tags = this.#btf.declTags(id).filter((tag) => tag.value === "argv");
    return new Set(tags.map((tag) => tag.component));
  }

  #countField(): void {
    this.#fields++;
    if (this.#fields > MAX_FIELDS) throw typeTooLarge("fields", this.#fields, MAX_FIELDS);
  }
}

function scalar(size: number): { size: number; need: number; values: number; nodes: number } {
  return { size, need: size, values: 1, nodes: 1 };
}

function text(count: number, end: ArrayEnd): Layout {
  const need = end === "fixed" ? count : 0;
  return { kind: "text", texts: "one", end, size: count, need, values: 1, nodes: 1 };
}

function bitfield(member: Member, layout: Layout, shift: number): Layout {
  const limit = layout.size * 8;
  if (member.bitSize > limit) {
    throw invalidBtf(`bitfield "${member.name}" has ${member.bitSize} bits, its type ${limit}`);
  }
  if (layout.kind === "bits") { // an int that is itself narrower than its bytes (old compilers)
    const width = member.bitSize || layout.width;
    return sized({ ...layout, shift: shift + layout.shift, width });
  }
  const width = member.bitSize;
  switch (layout.kind) {
    case "int":
      return sized({ kind: "bits", shift, width, signed: layout.signed, bool: false, names: null });
    case "bool":
      return sized({ kind: "bits", shift, width, signed: false, bool: true, names: null });
    case "enum": {
      const { signed, names } = layout;
      return sized({ kind: "bits", shift, width, signed, bool: false, names });
    }
    default:
      throw invalidBtf(`bitfield "${member.name}" is neither int nor enum`);
  }
}

interface Bits {
  kind: "bits";
  shift: number;
  width: number;
  signed: boolean;
  bool: boolean;
  names: EnumNames | null;
}

function sized(bits: Bits): Layout {
  return { ...bits, ...scalar(Math.ceil((bits.shift + bits.width) / 8)) };
}

/** C forbids equal names; BTF that has them keeps every field under a name of its own. */
function nameApart(fields: Field[]): void {
  const copies = new Map<string, number>();
  fields.forEach((field, index) => {
    const copy = (copies.get(field.name) ?? 0) + 1;
    copies.set(field.name, copy);
    if (copy === 1) return;
    const name = `${field.name}__${copy}`;
    copies.set(name, (copies.get(name) ?? 0) + 1);
    fields[index] = { ...field, name };
  });
}

function outside(what: string, id: TypeId): Error {
  return invalidBtf(`${what} ends outside type ${id}`);
}

function unlinked(section: string): Error {
  return invalidBtf(`section "${section}" has no size yet, a linker or loader gives it one`);
}
