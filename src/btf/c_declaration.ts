// Declarations as C text: a type and what is declared, with the bodies of nameless types in place.
import type { Btf } from "./btf.ts";
import { type CLayouts, isPlainSize, type Piece } from "./c_layout.ts";
import { identifier, integerName, Namespace, scalarName } from "./c_names.ts";
import { invalidBtf, typeTooLarge } from "./invalid.ts";
import type { TypeId } from "./kind.ts";

/** Types inside each other within one declaration. */
const MAX_DEPTH = 128;
/** Types and members that one text may spell out, and characters of bodies, inner ones again. */
const MAX_PARTS = 1 << 16;
const MAX_CHARACTERS = 1 << 23;
const SPACES = "    ";

export class CDeclarations {
  readonly #btf: Btf;
  readonly #layouts: CLayouts;
  readonly #tags = new Namespace();
  readonly #ordinary = new Namespace();
  /** Nameless enums whose constants are written: C allows that once. */
  readonly #enums = new Set<TypeId>();
  #depth = 0;
  #parts = 0;
  #characters = 0;

  constructor(btf: Btf, layouts: CLayouts) {
    this.#btf = btf;
    this.#layouts = layouts;
  }

  /** `struct name`, `union name`, `enum name`: a tag means one type, or a declaration of it. */
  tag(id: TypeId): string {
    const btf = this.#btf;
    const kind = btf.kind(id);
    const name = btf.name(id);
    if (kind === "fwd") {
      const word = btf.forward(id);
      const [whole] = btf.find(name, word);
      return `${word} ${this.#tags.name(`${whole ?? `${word} ${name}`}`, name)}`;
    }
    return `${kind === "enum64" ? "enum" : kind} ${this.#tags.name(`${id}`, name)}`;
  }

  /** The name of a typedef, function or variable. */
  name(id: TypeId): string {
    return this.#ordinary.name(`${id}`, this.#btf.name(id));
  }

  /** A name for a type that has none. */
  madeUpName(id: TypeId): string {
    return this.#ordinary.name(`type ${id}`, `type_${id}`);
  }

  /** The declaration of `inner`, which holds the stars, brackets and parameters around a name. */
  declare(type: TypeId, inner: string, level = 0): string {
    if (++this.#parts > MAX_PARTS) throw typeTooLarge("parts", this.#parts, MAX_PARTS);
    if (++this.#depth > MAX_DEPTH) throw invalidBtf(`type ${type} has too many parts`);
    const text = this.#declare(type, inner, level);
    this.#depth--;
    return text;
  }

  #declare(type: TypeId, inner: string, level: number): string {
    const btf = this.#btf;
    const kind = btf.kind(type);
    switch (kind) {
      case "struct":
      case "union":
        if (btf.isNamed(type)) return spaced(this.tag(type), inner);
        return spaced(this.#nameless(type, level), inner);
      case "enum":
      case "enum64":
        return spaced(this.#enumName(type, level), inner);
      case "fwd":
        return spaced(this.tag(type), inner);
      case "int":
      case "float":
        return this.#scalar(type, inner);
      case "ptr": {
        const target = btf.pointee(type);
        return this.declare(
          target,
          this.#isDeclarator(target) ? `(*${inner})` : `*${inner}`,
          level,
        );
      }
      case "array": {
        const { element, count } = btf.array(type);
        return this.declare(element, `${inner}[${count}]`, level);
      }
      case "const":
      case "volatile":
      case "restrict":
        return this.#qualified(kind, btf.pointee(type), inner, level);
      case "type_tag":
        return this.declare(btf.pointee(type), inner, level);
      case "func_proto":
        return this.#prototype(type, inner, level);
      case "typedef":
        return spaced(this.name(type), inner);
      default:
        return spaced("void", inner);
    }
  }

  /** The definition of a struct or union behind its tag, or of an enum. */
  body(id: TypeId, level: number): string {
    const kind = this.#btf.kind(id);
    return kind === "enum" || kind === "enum64"
      ? this.#enumBody(id, level)
      : this.#members(id, level);
  }

  /** Whether the enum has constants; C has no enum without any. */
  isDefinable(id: TypeId): boolean {
    return this.#btf.entryCount(id) > 0 && isPlainSize(this.#btf.sizeOf(id)) &&
      this.#btf.sizeOf(id) <= 8;
  }

  #nameless(id: TypeId, level: number): string {
    return `${this.#btf.kind(id)} ${this.#members(id, level)}`;
  }

  #members(id: TypeId, level: number): string {
    const { pieces, packed } = this.#layouts.of(id);
    const indent = SPACES.repeat(level + 1);
    const names = new Namespace();
    const lines = pieces.map((piece, index) => {
      const name = names.name(`${index}`, nameOf(piece));
      return `${indent}${this.#piece(piece, name, level + 1)};\n`;
    });
    return `${this.#block(lines, level)}${packed ? " __attribute__((packed))" : ""}`;
  }

  #piece(piece: Piece, name: string, level: number): string {
    if (piece.kind === "bits") return `unsigned char : ${piece.count}`;
    if (piece.kind === "bytes") return `unsigned char ${name}[${piece.count}]`;
    const { member, width } = piece;
    if (member.name === "") {
      const type = this.#btf.resolve(member.type);
      const kind = this.#btf.kind(type);
      // Also a type with a name may stand here, by an extension that not every compiler has.
      if (kind === "struct" || kind === "union") return this.#nameless(type, level);
    }
    const text = this.declare(member.type, name, level);
    return width > 0 ? `${text} : ${width}` : text;
  }

  #scalar(id: TypeId, inner: string): string {
    const name = scalarName(this.#btf, id);
    return name === null ? `unsigned char ${inner}[${this.#btf.sizeOf(id)}]` : spaced(name, inner);
  }

  #enumName(id: TypeId, level: number): string {
    const btf = this.#btf;
    if (!this.isDefinable(id)) return this.#enumInteger(id);
    if (btf.isNamed(id)) return this.tag(id);
    if (this.#enums.has(id)) return this.#enumInteger(id);
    return `enum ${this.#enumBody(id, level)}`;
  }

  #enumInteger(id: TypeId): string {
    const size = this.#btf.sizeOf(id);
    const name = integerName(size, this.#btf.isSigned(id) ? "signed" : "unsigned");
    if (name === null) throw invalidBtf(`type ${id} is an enum of ${size} bytes`);
    return name;
  }

  #enumBody(id: TypeId, level: number): string {
    this.#enums.add(id);
    const enumerators = this.#btf.enumerators(id);
    this.#parts += enumerators.length;
    if (this.#parts > MAX_PARTS) throw typeTooLarge("parts", this.#parts, MAX_PARTS);
    const indent = SPACES.repeat(level + 1);
    const lines = enumerators.map(({ name, value }, index) => {
      return `${indent}${this.#ordinary.name(`${id} ${index}`, name)} = ${constant(value)},\n`;
    });
    const isWide = enumerators.some(({ value }) => value > 0xffff_ffffn || value < -0x8000_0000n) ||
      (enumerators.some(({ value }) => value < 0n) &&
        enumerators.some(({ value }) => value > 0x7fff_ffffn));
    const size = this.#btf.sizeOf(id);
    const mode = size === (isWide ? 8 : 4) ? "" : ` __attribute__((mode(${modes[size]})))`;
    return `${this.#block(lines, level)}${mode}`;
  }

  #block(lines: readonly string[], level: number): string {
    const text = lines.join("");
    this.#characters += text.length;
    if (this.#characters > MAX_CHARACTERS) {
      throw typeTooLarge("characters of C", this.#characters, MAX_CHARACTERS);
    }
    return `{\n${text}${SPACES.repeat(level)}}`;
  }

  /** A qualifier of a pointer stands behind its star, any other one before the type. */
  #qualified(qualifier: string, type: TypeId, inner: string, level: number): string {
    const btf = this.#btf;
    if (btf.kind(type) === "ptr") return this.declare(type, spaced(qualifier, inner), level);
    const core = btf.kind(type);
    if (core === "func_proto" || qualifier === "restrict") return this.declare(type, inner, level);
    const text = this.declare(type, inner, level);
    return text.startsWith(`${qualifier} `) ? text : `${qualifier} ${text}`;
  }

  #prototype(type: TypeId, inner: string, level: number): string {
    const parameters = this.#btf.parameters(type);
    const names = new Namespace();
    const texts = parameters.map(({ name, type: parameter }, index) => {
      if (parameter === 0) return index === parameters.length - 1 && index > 0 ? "..." : "void *";
      return this.#parameter(parameter, name === "" ? "" : names.name(`${index}`, name), level);
    });
    const list = texts.length === 0 ? "void" : texts.join(", ");
    return this.declare(this.#btf.pointee(type), `${inner}(${list})`, level);
  }

  /** A nameless struct would be a type of its own in each prototype. */
  #parameter(type: TypeId, name: string, level: number): string {
    const btf = this.#btf;
    const target = btf.kind(type) === "ptr" ? btf.resolve(btf.pointee(type)) : btf.resolve(type);
    const kind = btf.kind(target);
    const isNameless = !btf.isNamed(target) && (kind === "struct" || kind === "union");
    const isDirect = isNameless && btf.kind(type) === "ptr" &&
      btf.kind(btf.pointee(type)) !== "typedef";
    return isDirect ? spaced("void *", name) : this.declare(type, identifierOrNone(name), level);
  }

  #isDeclarator(type: TypeId): boolean {
    const btf = this.#btf;
    let at = type;
    for (let steps = 0; steps < MAX_DEPTH; steps++) {
      switch (btf.kind(at)) {
        case "const":
        case "volatile":
        case "restrict":
        case "type_tag":
          at = btf.pointee(at);
          break;
        default:
          return btf.kind(at) === "array" || btf.kind(at) === "func_proto";
      }
    }
    return false;
  }
}

/** Machine modes of integers, by size. */
const modes: Readonly<Record<number, string>> = { 1: "QI", 2: "HI", 4: "SI", 8: "DI" };

/** A member without a name is nameless only when it is a struct or union. */
function nameOf(piece: Piece): string {
  if (piece.kind === "bytes") return `__pad_${piece.offset}`;
  if (piece.kind === "bits") return "";
  return piece.member.name === "" ? `__unnamed_${piece.member.bitOffset}` : piece.member.name;
}

function constant(value: bigint): string {
  if (value === -0x8000_0000_0000_0000n) return "(-9223372036854775807LL - 1)";
  if (value > 0x7fff_ffff_ffff_ffffn) return `${value}ULL`;
  if (value > 0xffff_ffffn || value < -0x8000_0000n) return `${value}LL`;
  return value > 0x7fff_ffffn ? `${value}U` : `${value}`;
}

function identifierOrNone(name: string): string {
  return name === "" ? "" : identifier(name);
}

/** "[4]" and "(void)" join the name before them; "*" and names stand apart. */
function spaced(text: string, inner: string): string {
  return inner === "" || inner.startsWith("[") ? text + inner : `${text} ${inner}`;
}
