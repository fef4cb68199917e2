// A BTF assembler for tests: types in the order they are added, bytes as a compiler writes them.

export interface BuiltMember {
  name: string;
  type: number;
  /** Bytes from the start; `bitOffset` instead for a bitfield. */
  offset?: number;
  bitOffset?: number;
  bitSize?: number;
}

export interface IntOptions {
  signed?: boolean;
  bool?: boolean;
  char?: boolean;
  bits?: number;
  bitOffset?: number;
}

/** What a split BTF continues. */
export interface BuilderBase {
  typeCount: number;
  stringsLength: number;
}

const encoder = new TextEncoder();
const FLAG = 0x8000_0000;

export class BtfBuilder {
  readonly #base: BuilderBase;
  readonly #words: number[] = [];
  readonly #strings: number[] = [];
  readonly #offsets = new Map<string, number>();
  #count = 0;

  constructor(base: BuilderBase | null = null) {
    this.#base = base ?? { typeCount: 1, stringsLength: 0 };
    if (base === null) this.#strings.push(0);
  }

  get typeCount(): number {
    return this.#base.typeCount + this.#count;
  }

  get stringsLength(): number {
    return this.#base.stringsLength + this.#strings.length;
  }

  /** The offset of a string, added when it is new. */
  string(text: string): number {
    if (text === "") return 0;
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.stringsLength;
    this.#strings.push(...encoder.encode(text), 0);
    this.#offsets.set(text, offset);
    return offset;
  }

  /** Any type: what the named methods do not make, hostile types among it. */
  raw(name: number, info: number, third: number, ...rest: number[]): number {
    this.#words.push(name, info >>> 0, third >>> 0, ...rest.map((word) => word >>> 0));
    return this.#base.typeCount + this.#count++;
  }

  int(name: string, size: number, options: IntOptions = {}): number {
    const { signed, bool, char, bits = size * 8, bitOffset = 0 } = options;
    const encoding = (signed ? 1 : 0) | (char ? 2 : 0) | (bool ? 4 : 0);
    return this.raw(
      this.string(name),
      info(1, 0),
      size,
      encoding << 24 | bitOffset << 16 | bits,
    );
  }

  float(name: string, size: number): number {
    return this.raw(this.string(name), info(16, 0), size);
  }

  ptr(type: number): number {
    return this.raw(0, info(2, 0), type);
  }

  array(element: number, count: number, index = 0): number {
    return this.raw(0, info(3, 0), 0, element, index, count);
  }

  struct(name: string, size: number, members: readonly BuiltMember[]): number {
    return this.#composite(4, name, size, members);
  }

  union(name: string, size: number, members: readonly BuiltMember[]): number {
    return this.#composite(5, name, size, members);
  }

  #composite(kind: number, name: string, size: number, members: readonly BuiltMember[]): number {
    const flagged = members.some((member) => member.bitSize !== undefined);
    const words = members.flatMap(({ name, type, offset, bitOffset, bitSize }) => {
      const bits = bitOffset ?? (offset ?? 0) * 8;
      return [this.string(name), type, flagged ? (bitSize ?? 0) << 24 | bits : bits];
    });
    const flags = info(kind, members.length) | (flagged ? FLAG : 0);
    return this.raw(this.string(name), flags, size, ...words);
  }

  enumeration(name: string, size: number, values: Record<string, number>): number {
    const entries = Object.entries(values);
    const signed = entries.some(([, value]) => value < 0) ? FLAG : 0;
    const words = entries.flatMap(([key, value]) => [this.string(key), value]);
    return this.raw(this.string(name), info(6, entries.length) | signed, size, ...words);
  }

  enum64(name: string, values: Record<string, bigint>): number {
    const entries = Object.entries(values);
    const signed = entries.some(([, value]) => value < 0n) ? FLAG : 0;
    const words = entries.flatMap(([key, value]) => {
      const low = Number(BigInt.asUintN(32, value));
      return [this.string(key), low, Number(BigInt.asUintN(32, value >> 32n))];
    });
    return this.raw(this.string(name), info(19, entries.length) | signed, 8, ...words);
  }

  fwd(name: string, kind: "struct" | "union"): number {
    return this.raw(this.string(name), info(7, 0) | (kind === "union" ? FLAG : 0), 0);
  }

  typedef(name: string, type: number): number {
    return this.raw(this.string(name), info(8, 0), type);
  }

  volatile(type: number): number {
    return this.raw(0, info(9, 0), type);
  }

  const(type: number): number {
    return this.raw(0, info(10, 0), type);
  }

  restrict(type: number): number {
    return this.raw(0, info(11, 0), type);
  }

  func(name: string, prototype: number, linkage = 1): number {
    return this.raw(this.string(name), info(12, linkage), prototype);
  }

  prototype(result: number, parameters: Record<string, number>): number {
    const entries = Object.entries(parameters);
    const words = entries.flatMap(([name, type]) => [this.string(name), type]);
    return this.raw(0, info(13, entries.length), result, ...words);
  }

  variable(name: string, type: number, linkage = 1): number {
    return this.raw(this.string(name), info(14, 0), type, linkage);
  }

  datasec(
    name: string,
    size: number,
    variables: readonly { variable: number; offset: number; size: number }[],
  ): number {
    const words = variables.flatMap(({ variable, offset, size }) => [variable, offset, size]);
    return this.raw(this.string(name), info(15, variables.length), size, ...words);
  }

  declTag(value: string, target: number, component = -1): number {
    return this.raw(this.string(value), info(17, 0), target, component);
  }

  typeTag(value: string, type: number): number {
    return this.raw(this.string(value), info(18, 0), type);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const header = 24;
    const typesLength = this.#words.length * 4;
    const bytes = new Uint8Array(header + typesLength + this.#strings.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0xeb9f, true);
    bytes[2] = 1;
    const fields = [header, 0, typesLength, typesLength, this.#strings.length];
    fields.forEach((field, index) => view.setUint32(4 + index * 4, field, true));
    this.#words.forEach((word, index) => view.setUint32(header + index * 4, word, true));
    bytes.set(this.#strings, header + typesLength);
    return bytes;
  }
}

/** The second word of a type. */
export function info(kind: number, vlen: number): number {
  return kind << 24 | vlen;
}
