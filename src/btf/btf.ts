// BTF as a graph of types: a view over the bytes that reads names and members when asked.
import { invalidBtf } from "./invalid.ts";
import { type Kind, KINDS, type TypeId } from "./kind.ts";
import { NameIndexes } from "./name_index.ts";
import { Strings } from "./strings.ts";
import { readTypeSection, type TypeSection } from "./type_section.ts";

export type { Kind, TypeId } from "./kind.ts";

/** Typedefs, modifiers and array levels that may follow each other; the kernel allows 32. */
const MAX_CHAIN = 64;
const MAX_TYPE_BYTES = 0xffffffff;

/** A member of a struct or union. `bitSize` is 0 unless it is a bitfield. */
export interface Member {
  readonly name: string;
  readonly type: TypeId;
  readonly bitOffset: number;
  readonly bitSize: number;
}

export interface Variable {
  readonly name: string;
  /** The variable's type, not the VAR itself. */
  readonly type: TypeId;
  readonly offset: number;
  readonly size: number;
}

export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}

export interface Parameter {
  readonly name: string;
  /** 0 with an empty name stands for "...". */
  readonly type: TypeId;
}

/** How an integer is stored; `bits` may be fewer than its bytes hold. */
export interface IntEncoding {
  readonly bits: number;
  readonly bitOffset: number;
  readonly signed: boolean;
  readonly bool: boolean;
  readonly char: boolean;
}

/** A declaration tag; `component` is the member's or parameter's position, -1 for the whole. */
export interface DeclTag {
  readonly value: string;
  readonly component: number;
}

export type Linkage = "static" | "global" | "extern";
const LINKAGES: readonly Linkage[] = ["static", "global", "extern"];

const CHAR_ENCODING = 2;
const encoder = new TextEncoder();

export class Btf {
  /** Ids are below this; void (0) and the base's types are counted. */
  readonly typeCount: number;
  readonly #base: Btf | null;
  readonly #firstId: number;
  readonly #words: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #strings: Strings;
  readonly #names: NameIndexes;
  #tags: Map<TypeId, DeclTag[]> | null = null;

  private constructor(section: TypeSection, strings: Strings, base: Btf | null) {
    this.#base = base;
    this.#firstId = base === null ? 1 : base.typeCount;
    this.#words = section.words;
    this.#starts = section.starts;
    this.#strings = strings;
    this.#names = new NameIndexes(section.words, section.starts, strings);
    this.typeCount = this.#firstId + section.starts.length;
  }

  /**
   * Checks and indexes `bytes`, which must not change afterwards; `base` is what split BTF
   * continues (vmlinux for a module).
   *
   * @throws validation/invalid_btf
   */
  static parse(bytes: Uint8Array, base: Btf | null = null): Btf {
    const strings = base === null ? null : base.#strings;
    const continued = base === null || strings === null
      ? null
      : { typeCount: base.typeCount, stringsLength: strings.length };
    const section = readTypeSection(bytes, continued);
    const own = new Strings(section.bytes, section.stringsAt, section.stringsLength, strings);
    return new Btf(section, own, base);
  }

  /** Bytes of names; every offset below it is one. */
  get stringsLength(): number {
    return this.#strings.length;
  }

  /** The first id that is not the base's: the BTF's own types are `[firstId, typeCount)`. */
  get firstId(): TypeId {
    return this.#firstId;
  }

  kind(id: TypeId): Kind {
    return id === 0 ? "void" : KINDS[this.#kindNumber(id)];
  }

  /** The type's own name, "" when it has none, "void" for 0. */
  name(id: TypeId): string {
    if (id === 0) return "void";
    const owner = this.#owner(id);
    return owner.#strings.read(owner.#words[owner.#start(id)]);
  }

  /**
   * The text at an offset that something beside the types gives: a path or a line of source.
   * @throws validation/invalid_btf when there is none
   */
  line(offset: number): string {
    return this.#strings.readLine(offset);
  }

  /** Whether a type has a name, without reading it. */
  isNamed(id: TypeId): boolean {
    if (id === 0) return true;
    const owner = this.#owner(id);
    return !owner.#strings.isEmpty(owner.#words[owner.#start(id)]);
  }

  /** Copies the name of an own type if it is plain text; answers where the copy ends, else `at`. */
  copyPlainName(id: TypeId, into: Uint8Array, at: number): number {
    const owner = this.#owner(id);
    return owner.#strings.copyPlain(owner.#words[owner.#start(id)], into, at);
  }

  /** The types called `name`, the base's first, in the order of their ids. */
  find(name: string, ...kinds: Kind[]): TypeId[] {
    if (name === "" || name.includes("\0")) return [];
    return this.#find(encoder.encode(`${name}\0`), kinds);
  }

  /** What a typedef or a const, volatile, restrict or type tag stands for. */
  resolve(id: TypeId): TypeId {
    let at = id;
    for (let steps = 0; steps < MAX_CHAIN; steps++) {
      switch (this.kind(at)) {
        case "typedef":
        case "volatile":
        case "const":
        case "restrict":
        case "type_tag":
          at = this.word(at, 2);
          break;
        default:
          return at;
      }
    }
    throw invalidBtf(`type ${id} has more than ${MAX_CHAIN} typedefs and modifiers`);
  }

  /** Bytes that a value of the type takes; 0 for what has no values (void, functions). */
  sizeOf(id: TypeId): number {
    let count = 1;
    let at = id;
    for (let levels = 0; levels < MAX_CHAIN; levels++) {
      at = this.resolve(at);
      const kind = this.kind(at);
      if (kind === "array") {
        count *= this.word(at, 5);
        at = this.word(at, 3);
      } else if (kind === "var") {
        at = this.word(at, 2);
      } else {
        const size = count * this.#ownSize(at, kind);
        if (size > MAX_TYPE_BYTES) throw invalidBtf(`type ${id} has ${size} bytes`);
        return size;
      }
    }
    throw invalidBtf(`type ${id} has more than ${MAX_CHAIN} array levels`);
  }

  #ownSize(id: TypeId, kind: Kind): number {
    switch (kind) {
      case "ptr":
        return 8;
      case "int":
      case "struct":
      case "union":
      case "enum":
      case "enum64":
      case "float":
      case "datasec":
        return this.word(id, 2);
      default:
        return 0;
    }
  }

  /** The members of a struct or union as they are written; anonymous ones have the name "". */
  members(id: TypeId): Member[] {
    this.#want(id, "struct", "union");
    const owner = this.#owner(id);
    const words = owner.#words;
    const start = owner.#start(id);
    const flagged = words[start + 1] >>> 31 !== 0;
    return this.#entries(id, 3, (at) => {
      const place = words[at + 2];
      return {
        name: owner.#strings.read(words[at]),
        type: words[at + 1],
        bitOffset: flagged ? place & 0xffffff : place,
        bitSize: flagged ? place >>> 24 : 0,
      };
    });
  }

  /** How many members, enumerators, parameters or variables a type has. */
  entryCount(id: TypeId): number {
    return id === 0 ? 0 : this.word(id, 1) & 0xffff;
  }

  /** The type of a struct's or union's member by its position, without reading the others. */
  memberType(id: TypeId, index: number): TypeId {
    return this.word(id, 4 + index * 3);
  }

  /** An array's element type and count; a flexible array has the count 0. */
  array(id: TypeId): { element: TypeId; count: number } {
    this.#want(id, "array");
    return { element: this.word(id, 3), count: this.word(id, 5) };
  }

  /** What a pointer, typedef, modifier, function, variable or tag refers to. */
  pointee(id: TypeId): TypeId {
    const kind = this.kind(id);
    switch (kind) {
      case "ptr":
      case "typedef":
      case "volatile":
      case "const":
      case "restrict":
      case "type_tag":
      case "func":
      case "func_proto":
      case "var":
      case "decl_tag":
        return this.word(id, 2);
      default:
        throw invalidBtf(`type ${id} is ${kind}, a reference is wanted`);
    }
  }

  int(id: TypeId): IntEncoding {
    this.#want(id, "int");
    const word = this.word(id, 3);
    const encoding = (word >>> 24) & 0xf;
    return {
      bits: word & 0xff,
      bitOffset: (word >>> 16) & 0xff,
      signed: (encoding & 1) !== 0,
      char: (encoding & CHAR_ENCODING) !== 0,
      bool: (encoding & 4) !== 0,
    };
  }

  /** The names of an enum, by value in the sign that the enum has. */
  enumerators(id: TypeId): Enumerator[] {
    this.#want(id, "enum", "enum64");
    const owner = this.#owner(id);
    const words = owner.#words;
    const signed = this.isSigned(id);
    const wide = this.kind(id) === "enum64";
    return this.#entries(id, wide ? 3 : 2, (at) => {
      const low = BigInt(words[at + 1]);
      const value = wide ? (BigInt(words[at + 2]) << 32n) | low : low;
      const bits = wide ? 64 : 32;
      return {
        name: owner.#strings.read(words[at]),
        value: signed ? BigInt.asIntN(bits, value) : value,
      };
    });
  }

  /** Whether an enum has negative values. */
  isSigned(id: TypeId): boolean {
    this.#want(id, "enum", "enum64");
    return this.word(id, 1) >>> 31 !== 0;
  }

  /** The variables of a section such as `.data`. */
  variables(datasec: TypeId): Variable[] {
    this.#want(datasec, "datasec");
    const words = this.#owner(datasec).#words;
    return this.#entries(datasec, 3, (at) => {
      const id = words[at];
      // A section may also hold functions (.ksyms); they are their own type.
      const type = this.kind(id) === "var" ? this.word(id, 2) : id;
      return { name: this.name(id), type, offset: words[at + 1], size: words[at + 2] };
    });
  }

  linkage(id: TypeId): Linkage {
    this.#want(id, "var", "func");
    const word = this.kind(id) === "var" ? this.word(id, 3) : this.word(id, 1) & 0xffff;
    if (word >= LINKAGES.length) throw invalidBtf(`type ${id} has the unknown linkage ${word}`);
    return LINKAGES[word];
  }

  /** The parameters of a function prototype; its result is `pointee(id)`. */
  parameters(id: TypeId): Parameter[] {
    this.#want(id, "func_proto");
    const owner = this.#owner(id);
    const words = owner.#words;
    return this.#entries(id, 2, (at) => {
      return { name: owner.#strings.read(words[at]), type: words[at + 1] };
    });
  }

  /** Whether a forward declaration is of a struct or a union. */
  forward(id: TypeId): "struct" | "union" {
    this.#want(id, "fwd");
    return this.word(id, 1) >>> 31 === 0 ? "struct" : "union";
  }

  /** The `btf_decl_tag`s of a type and its members. */
  declTags(id: TypeId): readonly DeclTag[] {
    const inherited = this.#base === null ? [] : this.#base.declTags(id);
    this.#tags ??= this.#collectTags();
    const own = this.#tags.get(id) ?? [];
    return inherited.length === 0 ? own : [...inherited, ...own];
  }

  #collectTags(): Map<TypeId, DeclTag[]> {
    const tags = new Map<TypeId, DeclTag[]>();
    for (let id = this.#firstId; id < this.typeCount; id++) {
      if (this.kind(id) !== "decl_tag") continue;
      const target = this.word(id, 2);
      const tag = { value: this.name(id), component: this.word(id, 3) | 0 };
      const others = tags.get(target);
      if (others === undefined) tags.set(target, [tag]);
      else others.push(tag);
    }
    return tags;
  }

  #find(wanted: Uint8Array, kinds: readonly Kind[]): TypeId[] {
    const own = this.#names.find(wanted, kinds).map((position) => this.#firstId + position);
    return this.#base === null ? own : [...this.#base.#find(wanted, kinds), ...own];
  }

  #owner(id: TypeId): Btf {
    if (id >= this.#firstId || this.#base === null) return this;
    return this.#base.#owner(id);
  }

  #start(id: TypeId): number {
    const position = id - this.#firstId;
    if (position < 0 || position >= this.#starts.length || !Number.isInteger(position)) {
      throw invalidBtf(`there is no type ${id}, ids are 0 to ${this.typeCount - 1}`);
    }
    return this.#starts[position];
  }

  /** A word of the type as it stands, the first three and what its kind adds. */
  word(id: TypeId, index: number): number {
    const owner = this.#owner(id);
    return owner.#words[owner.#start(id) + index];
  }

  #kindNumber(id: TypeId): number {
    return (this.word(id, 1) >>> 24) & 0x1f;
  }

  #want(id: TypeId, ...kinds: Kind[]): void {
    const kind = this.kind(id);
    if (!kinds.includes(kind)) {
      throw invalidBtf(`type ${id} is ${kind}, ${kinds.join(" or ")} is wanted`);
    }
  }

  /** Reads the `vlen` entries of `stride` words that follow a type's first three. */
  #entries<T>(id: TypeId, stride: number, read: (at: number) => T): T[] {
    const owner = this.#owner(id);
    const start = owner.#start(id);
    const count = owner.#words[start + 1] & 0xffff;
    return Array.from({ length: count }, (_, index) => read(start + 3 + index * stride));
  }
}
