// A window of a large BTF as a small one that is whole: references that leave it are redirected.
import { readTypeSection, type TypeSection } from "../../src/btf/type_section.ts";
import { joined } from "./mutate.ts";

const HEADER_BYTES = 24;
/** The first type of a cut, and what stands for every type outside the window. */
const INT = Uint32Array.of(0, 1 << 24, 4, 32);

/** Which words of a type are names and which are types, by kind; entries repeat every `stride`. */
interface Shape {
  readonly names: readonly number[];
  readonly types: readonly number[];
  readonly stride: number;
  readonly entryNames: readonly number[];
  readonly entryTypes: readonly number[];
}

const plain: Shape = { names: [0], types: [], stride: 0, entryNames: [], entryTypes: [] };
const reference: Shape = { ...plain, types: [2] };
const composite: Shape = { ...plain, stride: 3, entryNames: [0], entryTypes: [1] };

const shapes: Readonly<Record<number, Shape>> = {
  2: reference,
  3: { ...plain, types: [3, 4] },
  4: composite,
  5: composite,
  6: { ...plain, stride: 2, entryNames: [0] },
  8: reference,
  9: reference,
  10: reference,
  11: reference,
  12: reference,
  13: { ...reference, stride: 2, entryNames: [0], entryTypes: [1] },
  14: reference,
  15: { ...plain, stride: 3, entryTypes: [0] },
  17: reference,
  18: reference,
  19: { ...plain, stride: 3, entryNames: [0] },
};

/** `count` types of `bytes`; `place` from 0 (its first types) to 1 (its last). */
export function cutBtf(bytes: Uint8Array, place: number, count: number): Uint8Array<ArrayBuffer> {
  const section = readTypeSection(bytes, null);
  const { starts, words } = section;
  const first = Math.floor(place * (starts.length - count - 1));
  const names = new Names(section);
  const types = Array.from({ length: count }, (_, index) => {
    const type = words.slice(starts[first + index], starts[first + index + 1]);
    return move(type, names, first, count);
  });
  return assemble([INT, ...types], names.bytes());
}

/** A type with its names and references as they are in the window. */
function move(words: Uint32Array, names: Names, first: number, count: number): Uint32Array {
  const kind = words[1] >>> 24 & 0x1f;
  const shape = shapes[kind] ?? plain;
  const newId = (id: number) => id === 0 ? 0 : inWindow(id) ? id - first + 1 : 1;
  const inWindow = (id: number) => id > first && id <= first + count;
  for (const at of shape.names) words[at] = names.add(words[at]);
  for (const at of shape.types) words[at] = newId(words[at]);
  if (shape.stride === 0) return words;
  for (let entry = 3; entry + shape.stride <= words.length; entry += shape.stride) {
    for (const at of shape.entryNames) words[entry + at] = names.add(words[entry + at]);
    for (const at of shape.entryTypes) words[entry + at] = newId(words[entry + at]);
  }
  return words;
}

/** The names that a window uses, in a string section of their own. */
class Names {
  readonly #section: TypeSection;
  readonly #offsets = new Map<number, number>([[0, 0]]);
  readonly #parts: Uint8Array[] = [new Uint8Array(1)];
  #length = 1;

  constructor(section: TypeSection) {
    this.#section = section;
  }

  /** The new offset of the name at `offset`. */
  add(offset: number): number {
    const known = this.#offsets.get(offset);
    if (known !== undefined) return known;
    const { bytes, stringsAt } = this.#section;
    const start = stringsAt + offset;
    const name = bytes.subarray(start, bytes.indexOf(0, start) + 1);
    const moved = this.#length;
    this.#offsets.set(offset, moved);
    this.#parts.push(name);
    this.#length += name.length;
    return moved;
  }

  bytes(): Uint8Array {
    return joined(...this.#parts);
  }
}

function assemble(
  types: readonly Uint32Array[],
  strings: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = joined(...types.map((type) => new Uint8Array(type.buffer)));
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0xeb9f, true);
  header[2] = 1;
  const fields = [HEADER_BYTES, 0, bytes.length, bytes.length, strings.length];
  fields.forEach((field, index) => view.setUint32(4 + index * 4, field, true));
  return joined(header, bytes, strings);
}
