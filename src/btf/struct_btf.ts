// BTF of one struct of ours, for records that no compiler described: what reads event types then
// reads these too.

/** A member: an unsigned integer of 4 or 8 bytes, or text; `null` bytes for text to the end. */
export type MemberType = "u32" | "u64" | { readonly textBytes: number | null };

export interface StructMember {
  readonly name: string;
  readonly type: MemberType;
}

export interface StructBtf {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of the struct, a text to its end left out. */
  readonly size: number;
  readonly offsets: ReadonlyMap<string, number>;
}

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const KIND_INT = 1;
const KIND_ARRAY = 3;
const KIND_STRUCT = 4;
const ENCODING_CHAR = 3; // signed, and a character
/** Ids of the first types. */
const ids = { u32: 1, u64: 2, char: 3 } as const;
const firstArray = 4;

const encoder = new TextEncoder();

/** Members lie one after the other: put them so that each is aligned. */
export function structBtf(name: string, members: readonly StructMember[]): StructBtf {
  const strings: number[] = [0];
  const string = (text: string) => strings.push(...encoder.encode(text), 0) - text.length - 1;
  const integer = (named: string, bytes: number, encoding: number) => [
    string(named),
    KIND_INT << 24,
    bytes,
    encoding << 24 | bytes * 8,
  ];
  const types = [
    ...integer("u32", 4, 0),
    ...integer("u64", 8, 0),
    ...integer("char", 1, ENCODING_CHAR),
  ];
  const offsets = new Map<string, number>();
  const listed: number[] = [];
  let [size, arrays] = [0, 0];
  for (const { name: member, type } of members) {
    offsets.set(member, size);
    const id = typeof type === "string" ? ids[type] : firstArray + arrays++;
    if (typeof type !== "string") {
      types.push(0, KIND_ARRAY << 24, 0, ids.char, ids.u32, type.textBytes ?? 0);
    }
    listed.push(string(member), id, size * 8);
    size += typeof type === "string" ? { u32: 4, u64: 8 }[type] : type.textBytes ?? 0;
  }
  types.push(string(name), KIND_STRUCT << 24 | members.length, size, ...listed);
  return { bytes: assemble(types, strings), size, offsets };
}

function assemble(types: readonly number[], strings: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + types.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, 1);
  const header = [HEADER_BYTES, 0, types.length * 4, types.length * 4, strings.length];
  header.forEach((word, index) => view.setUint32(4 + index * 4, word, true));
  types.forEach((word, index) => view.setUint32(HEADER_BYTES + index * 4, word, true));
  bytes.set(strings, HEADER_BYTES + types.length * 4);
  return bytes;
}
