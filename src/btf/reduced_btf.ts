// The kernel's BTF cut to what one object's CO-RE relocations can ask of it. libbpf parses all
// 126,000 types of a kernel for each load, and reads each one's name once more for every type that
// an object names: half to two thirds of a load. What is left here are some hundred types.
import type { Btf } from "./btf.ts";
import { CoreKind, type CoreRelocation } from "./core_relocations.ts";
import type { Kind, TypeId } from "./kind.ts";

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;

/** A type that begins an access: libbpf looks for those of its name and kind in the kernel. */
const rootKinds: readonly Kind[] = ["struct", "union", "enum", "enum64", "typedef", "int"];

/** More would be a reason to doubt, not to go on. */
const mostTypes = 1 << 16;

const encoder = new TextEncoder();

/**
 * BTF that answers these relocations as the kernel's own does; null where only the whole can be
 * trusted to: for what is not in it, which a module may have, for ids of the kernel's types, and
 * for comparisons that go through pointers.
 */
export function reducedBtf(
  object: Btf,
  relocations: Iterable<CoreRelocation>,
  kernel: Btf,
): Uint8Array<ArrayBuffer> | null {
  const roots = new Set<TypeId>();
  for (const { root, kind } of relocations) {
    if (kind === CoreKind.typeIdTarget || kind >= CoreKind.typeMatches) return null;
    if (kind !== CoreKind.typeIdLocal) roots.add(root);
  }
  if (roots.size === 0) return null;
  const cut = new Cut(kernel);
  for (const root of roots) {
    const kind = object.kind(root);
    const name = essentialName(object.name(root));
    if (name === "" || !rootKinds.includes(kind)) return null;
    const kinds: Kind[] = kind === "enum" || kind === "enum64" ? ["enum", "enum64"] : [kind];
    const found = kernel.find(name, ...kinds);
    if (found.length === 0) return null;
    for (const id of found) cut.take(id);
  }
  return cut.finish();
}

/** `task_struct___old` is another view of `task_struct`. */
function essentialName(name: string): string {
  const flavor = /^(.*[^_])___[^_]/.exec(name);
  return flavor?.[1] ?? name;
}

/** Types with all that lies inside them, in ids of their own; a pointer points to void. */
class Cut {
  readonly #kernel: Btf;
  readonly #ids = new Map<TypeId, TypeId>();
  readonly #wanted: TypeId[] = [];
  readonly #names = new Map<number, number>([[0, 0]]);
  readonly #strings: number[] = [0];

  constructor(kernel: Btf) {
    this.#kernel = kernel;
  }

  /** The id that the type has here. */
  take(id: TypeId): TypeId {
    if (id === 0) return 0;
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    this.#wanted.push(id);
    this.#ids.set(id, this.#wanted.length);
    return this.#wanted.length;
  }

  /** Null for a kind that has no business inside another type. */
  finish(): Uint8Array<ArrayBuffer> | null {
    const words: number[] = [];
    for (let at = 0; at < this.#wanted.length; at++) {
      if (this.#wanted.length > mostTypes || !this.#write(this.#wanted[at], words)) return null;
    }
    const bytes = new Uint8Array(HEADER_BYTES + words.length * 4 + this.#strings.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, MAGIC, true);
    view.setUint8(2, 1);
    const header = [HEADER_BYTES, 0, words.length * 4, words.length * 4, this.#strings.length];
    header.forEach((word, index) => view.setUint32(4 + index * 4, word, true));
    words.forEach((word, index) => view.setUint32(HEADER_BYTES + index * 4, word, true));
    bytes.set(this.#strings, HEADER_BYTES + words.length * 4);
    return bytes;
  }

  #write(id: TypeId, words: number[]): boolean {
    const word = (index: number) => this.#kernel.word(id, index);
    const info = word(1);
    const count = info & 0xffff;
    const kind = this.#kernel.kind(id);
    words.push(this.#name(word(0)), info);
    switch (kind) {
      case "int":
        words.push(word(2), word(3));
        return true;
      case "ptr":
        words.push(0);
        return true;
      case "array":
        words.push(word(2), this.take(word(3)), this.take(word(4)), word(5));
        return true;
      case "struct":
      case "union":
        words.push(word(2));
        for (let at = 3; at < 3 + count * 3; at += 3) {
          words.push(this.#name(word(at)), this.take(word(at + 1)), word(at + 2));
        }
        return true;
      case "enum":
      case "enum64": {
        const stride = kind === "enum" ? 2 : 3;
        words.push(word(2));
        for (let at = 3; at < 3 + count * stride; at++) {
          words.push((at - 3) % stride === 0 ? this.#name(word(at)) : word(at));
        }
        return true;
      }
      case "fwd":
      case "float":
        words.push(word(2));
        return true;
      case "typedef":
      case "volatile":
      case "const":
      case "restrict":
      case "type_tag":
        words.push(this.take(word(2)));
        return true;
      default:
        return false;
    }
  }

  #name(offset: number): number {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const at = this.#strings.length;
    for (const byte of encoder.encode(this.#kernel.line(offset))) this.#strings.push(byte);
    this.#strings.push(0);
    this.#names.set(offset, at);
    return at;
  }
}
