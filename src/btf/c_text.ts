// Types as C that a compiler lays out as BTF says, with everything that they need before them.
import type { Btf } from "./btf.ts";
import { CDeclarations } from "./c_declaration.ts";
import { CLayouts } from "./c_layout.ts";
import { invalidBtf } from "./invalid.ts";
import type { TypeId } from "./kind.ts";

/** Types that must be declared before each other. */
const MAX_DEPTH = 256;

/** Whether a type's members must be known, or its name is enough: behind a pointer. */
type Need = "whole" | "named";

/**
 * C text that declares `types` and stands alone: a struct that is contained is defined before,
 * one that is pointed to only declared. Names that mean two things get `___2`.
 *
 * @throws validation/invalid_btf for types that no C code can be
 * @throws resource/limit_exceeded above some hundred thousand members
 */
export function cText(btf: Btf, types: readonly TypeId[]): string {
  const text = new CText(btf);
  for (const type of types) text.reserve(type);
  for (const type of types) text.add(type);
  return text.join();
}

class CText {
  readonly #btf: Btf;
  readonly #declarations: CDeclarations;
  readonly #lines: string[] = [];
  readonly #forward = new Set<string>();
  /** Types on the way, and types that are written. */
  readonly #states = new Map<TypeId, "open" | "written">();
  /** Types with a name whose members are also written where they are contained. */
  readonly #inPlace = new Set<TypeId>();
  #depth = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
    this.#declarations = new CDeclarations(btf, new CLayouts(btf));
  }

  join(): string {
    return this.#lines.join("");
  }

  /** What was asked for keeps its name where something else has the same. */
  reserve(id: TypeId): void {
    const btf = this.#btf;
    if (!btf.isNamed(id)) return;
    switch (btf.kind(id)) {
      case "struct":
      case "union":
      case "enum":
      case "enum64":
      case "fwd":
        this.#declarations.tag(id);
        break;
      case "typedef":
      case "func":
      case "var":
        this.#declarations.name(id);
    }
  }

  add(id: TypeId): void {
    const btf = this.#btf;
    this.#need(id, "whole");
    switch (btf.kind(id)) {
      case "func":
      case "var":
        return this.#addExtern(id);
      case "void":
      case "datasec":
      case "decl_tag":
      case "fwd":
      case "typedef":
        return;
      case "struct":
      case "union":
        if (btf.isNamed(id)) return;
        break;
      case "enum":
      case "enum64":
        if (btf.isNamed(id) && this.#declarations.isDefinable(id)) return;
    }
    this.#addTypedef(id);
  }

  /** What has no declaration of its own gets one: `type_ID`. */
  #addTypedef(id: TypeId): void {
    const text = this.#declarations.declare(id, this.#declarations.madeUpName(id));
    this.#write(`typedef ${text};\n`, text.includes("\n") ? "apart" : "joined");
  }

  #addExtern(id: TypeId): void {
    if (this.#states.get(id) === "written") return;
    this.#states.set(id, "written");
    const text = this.#declarations.declare(this.#btf.pointee(id), this.#declarations.name(id));
    this.#write(`extern ${text};\n`, "joined");
  }

  /** Writes whatever must stand before a use of the type. */
  #need(id: TypeId, need: Need): void {
    if (++this.#depth > MAX_DEPTH) throw invalidBtf(`type ${id} needs too many others before it`);
    this.#needKind(id, need);
    this.#depth--;
  }

  #needKind(id: TypeId, need: Need): void {
    const btf = this.#btf;
    switch (btf.kind(id)) {
      case "ptr":
        return this.#need(btf.pointee(id), "named");
      case "array":
        return this.#need(btf.array(id).element, "whole");
      case "const":
      case "volatile":
      case "restrict":
      case "type_tag":
      case "func":
      case "var":
      case "decl_tag":
        return this.#need(btf.pointee(id), need);
      case "typedef":
        return this.#needTypedef(id, need);
      case "struct":
      case "union":
        return this.#needStruct(id, need);
      case "enum":
      case "enum64":
        return this.#needEnum(id);
      case "fwd":
        return this.#declareForward(id);
      case "func_proto":
        for (const { type } of btf.parameters(id)) this.#need(type, "named");
        return this.#need(btf.pointee(id), "named");
      case "datasec":
        return this.#addSection(id);
    }
  }

  #addSection(id: TypeId): void {
    const btf = this.#btf;
    for (const { name, type } of btf.variables(id)) {
      this.#need(type, "whole");
      const [variable] = btf.find(name, "var", "func");
      if (variable !== undefined) this.add(variable);
    }
  }

  #needTypedef(id: TypeId, need: Need): void {
    const btf = this.#btf;
    const target = btf.pointee(id);
    if (this.#states.get(id) === undefined) {
      this.#states.set(id, "open");
      this.#need(target, "named");
      this.#states.set(id, "written");
      const text = this.#declarations.declare(target, this.#declarations.name(id));
      this.#write(`typedef ${text};\n`, text.includes("\n") ? "apart" : "joined");
    } else if (this.#states.get(id) === "open") {
      throw invalidBtf(`typedef ${id} "${btf.name(id)}" is needed for itself`);
    }
    if (need === "whole") this.#need(target, "whole");
  }

  #needStruct(id: TypeId, need: Need): void {
    const btf = this.#btf;
    const isNamed = btf.isNamed(id);
    const state = this.#states.get(id);
    if (state === "written") return;
    if (isNamed && need === "named") return this.#declareForward(id);
    if (state === "open") throw invalidBtf(`type ${id} contains itself`);
    this.#states.set(id, "open");
    this.#needMembers(id);
    if (isNamed) {
      const tag = this.#declarations.tag(id);
      this.#forward.add(tag);
      this.#write(`${tag} ${this.#declarations.body(id, 0)};\n`, "apart");
    }
    this.#states.set(id, "written");
  }

  #needMembers(id: TypeId): void {
    const btf = this.#btf;
    for (const { name, type } of btf.members(id)) {
      const core = btf.resolve(type);
      const kind = btf.kind(core);
      // Without a name its members are written here, and need what they need.
      const isInPlace = name === "" && (kind === "struct" || kind === "union");
      if (!isInPlace || !btf.isNamed(core)) this.#need(type, "whole");
      else this.#needInPlace(core);
    }
  }

  #needInPlace(id: TypeId): void {
    if (this.#inPlace.has(id)) return;
    this.#inPlace.add(id);
    if (++this.#depth > MAX_DEPTH) throw invalidBtf(`type ${id} needs too many others before it`);
    this.#needMembers(id);
    this.#depth--;
  }

  #needEnum(id: TypeId): void {
    if (!this.#btf.isNamed(id) || this.#states.has(id)) return;
    this.#states.set(id, "written");
    if (!this.#declarations.isDefinable(id)) return;
    const tag = this.#declarations.tag(id);
    this.#write(`${tag} ${this.#declarations.body(id, 0)};\n`, "apart");
  }

  #declareForward(id: TypeId): void {
    const tag = this.#declarations.tag(id);
    if (this.#forward.has(tag)) return;
    this.#forward.add(tag);
    this.#write(`${tag};\n`, "joined");
  }

  /** Definitions stand apart, declarations of one line stand together. */
  #write(text: string, place: "apart" | "joined"): void {
    const last = this.#lines.at(-1);
    const isBlock = last !== undefined &&
      last.trimStart().indexOf("\n") !== last.trimStart().length - 1;
    const isApart = last !== undefined && (place === "apart" || isBlock);
    this.#lines.push(isApart ? `\n${text}` : text);
  }
}
