// A type as short C text: "struct event *", "unsigned int[4]", "int (*)(void *, unsigned int)".
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";

/** Types that one text may spell out before it says "…". */
const MAX_PARTS = 64;

/** The C text of a type; struct bodies are not spelled out, anonymous ones are "struct {…}". */
export function typeText(btf: Btf, type: TypeId): string {
  return new TypeText(btf).declare(type, "");
}

/** The declaration of something of this type by its name: "struct event *events[4]". */
export function declarationText(btf: Btf, type: TypeId, name: string): string {
  return new TypeText(btf).declare(type, name);
}

class TypeText {
  readonly #btf: Btf;
  #parts = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  /** The declaration of `inner`, which holds the stars, brackets and parameters around a name. */
  declare(type: TypeId, inner: string): string {
    if (++this.#parts > MAX_PARTS) return `…${spaced(inner)}`;
    const btf = this.#btf;
    const kind = btf.kind(type);
    switch (kind) {
      case "struct":
      case "union":
      case "enum":
        return `${kind} ${btf.name(type) || "{…}"}${spaced(inner)}`;
      case "enum64":
        return `enum ${btf.name(type) || "{…}"}${spaced(inner)}`;
      case "fwd":
        return `${btf.forward(type)} ${btf.name(type)}${spaced(inner)}`;
      case "ptr": {
        const target = btf.pointee(type);
        const isDeclarator = ["array", "func_proto"].includes(btf.kind(target));
        return this.declare(target, isDeclarator ? `(*${inner})` : `*${inner}`);
      }
      case "array": {
        const { element, count } = btf.array(type);
        return this.declare(element, `${inner}[${count === 0 ? "" : count}]`);
      }
      case "const":
      case "volatile":
      case "restrict":
        return this.#qualified(kind, btf.pointee(type), inner);
      case "type_tag":
        return this.declare(btf.pointee(type), inner);
      case "func":
      case "var":
        return this.declare(btf.pointee(type), btf.name(type));
      case "func_proto":
        return this.#prototype(type, inner);
      default: // void, int, float, typedef, datasec, decl_tag
        return `${btf.name(type)}${spaced(inner)}`;
    }
  }

  /** A qualifier of a pointer stands behind its star, any other one before the type. */
  #qualified(qualifier: string, type: TypeId, inner: string): string {
    if (this.#btf.kind(type) === "ptr") {
      return this.declare(type, `${qualifier}${spaced(inner)}`);
    }
    const text = this.declare(type, inner);
    return `${qualifier} ${text}`;
  }

  #prototype(type: TypeId, inner: string): string {
    const parameters: string[] = [];
    for (const { type: parameter } of this.#btf.parameters(type)) {
      if (this.#parts > MAX_PARTS) break;
      parameters.push(parameter === 0 ? "..." : this.declare(parameter, ""));
    }
    const list = parameters.length === 0 ? "void" : parameters.join(", ");
    return this.declare(this.#btf.pointee(type), `${inner}(${list})`);
  }
}

/** "[4]" and "(void)" join the name before them; "*" and names stand apart. */
function spaced(inner: string): string {
  return inner === "" || inner.startsWith("[") ? inner : ` ${inner}`;
}
