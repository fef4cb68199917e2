// One pass over BTF bytes: the header, where each type starts, and that nothing points outside.
import { invalidBtf } from "./invalid.ts";
import { KindNumber, type TypeId } from "./kind.ts";

const MAGIC = 0xeb9f;
const SWAPPED_MAGIC = 0x9feb;
const VERSION = 1;
const HEADER_BYTES = 24;

/** BTF bytes, checked: `starts[i]` is the word where the i-th own type begins. */
export interface TypeSection {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly starts: Uint32Array;
  readonly stringsAt: number;
  readonly stringsLength: number;
}

/** What ids and string offsets of an earlier BTF a split one continues. */
export interface Continuation {
  readonly typeCount: number;
  readonly stringsLength: number;
}

interface Header {
  readonly typesAt: number;
  readonly typesEnd: number;
  readonly stringsAt: number;
  readonly stringsLength: number;
}

/** Reads and checks `input`; copies it only when it is not aligned to 4 bytes. */
export function readTypeSection(input: Uint8Array, base: Continuation | null): TypeSection {
  const bytes = input.byteOffset % 4 === 0 ? input : input.slice();
  const header = readHeader(bytes, base);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const firstId = base === null ? 1 : base.typeCount;
  const names = header.stringsLength + (base === null ? 0 : base.stringsLength);
  const starts = indexTypes(words, header.typesAt >> 2, header.typesEnd >> 2, firstId, names);
  const { stringsAt, stringsLength } = header;
  return { bytes, words, starts, stringsAt, stringsLength };
}

function readHeader(bytes: Uint8Array, base: Continuation | null): Header {
  const size = bytes.byteLength;
  if (size < HEADER_BYTES) {
    throw invalidBtf(`it has ${size} bytes, a header wants ${HEADER_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const magic = view.getUint16(0, true);
  if (magic === SWAPPED_MAGIC) throw invalidBtf("it is big-endian, little-endian is wanted");
  if (magic !== MAGIC) throw invalidBtf(`magic is 0x${magic.toString(16)}, 0xeb9f is wanted`);
  if (bytes[2] !== VERSION) throw invalidBtf(`version is ${bytes[2]}, ${VERSION} is wanted`);
  const word = (at: number) => view.getUint32(at, true);
  const headerLength = word(4);
  const typesAt = headerLength + word(8);
  const typesEnd = typesAt + word(12);
  const stringsAt = headerLength + word(16);
  const stringsLength = word(20);
  if (headerLength < HEADER_BYTES) throw invalidBtf(`header length is ${headerLength}`);
  if (typesAt % 4 !== 0 || typesEnd % 4 !== 0) throw invalidBtf("types are not aligned to 4 bytes");
  if (typesEnd > size) throw invalidBtf(`types end at ${typesEnd}, there are ${size} bytes`);
  if (stringsAt + stringsLength > size) {
    throw invalidBtf(`strings end at ${stringsAt + stringsLength}, there are ${size} bytes`);
  }
  if (stringsLength === 0 && base === null) throw invalidBtf("it has no strings");
  if (stringsLength > 0 && bytes[stringsAt + stringsLength - 1] !== 0) {
    throw invalidBtf("the last string does not end");
  }
  if (base === null && bytes[stringsAt] !== 0) throw invalidBtf("the first string is not empty");
  return { typesAt, typesEnd, stringsAt, stringsLength };
}

// By kind number, in the order of KINDS: void int ptr array struct union enum fwd typedef volatile
// const restrict func func_proto var datasec float decl_tag type_tag enum64.
/** Words after the three that every type has. */
const FIXED_WORDS = Uint8Array.of(0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0);
/** Words of each of the `vlen` entries that follow. */
const ENTRY_WORDS = Uint8Array.of(0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3);
/** Whether the third word is a type. */
const REFERS = Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0);

/** The largest name offset and type id seen: one comparison at the end checks all of them. */
interface Reach {
  name: number;
  type: number;
}

function indexTypes(
  words: Uint32Array,
  start: number,
  end: number,
  firstId: number,
  names: number,
): Uint32Array {
  const starts = new Uint32Array(Math.floor((end - start) / 3));
  const reach: Reach = { name: 0, type: 0 };
  let count = 0;
  let at = start;
  while (at < end) {
    if (at + 3 > end) throw invalidBtf(`type ${firstId + count} is cut off`);
    const next = at + wordsOf(words[at + 1], firstId + count);
    if (next > end) throw invalidBtf(`type ${firstId + count} is cut off`);
    noteReach(words, at, next, reach);
    starts[count++] = at;
    at = next;
  }
  if (reach.name >= Math.max(names, 1)) {
    throw invalidBtf(`a name is at ${reach.name}, strings end at ${names}`);
  }
  if (reach.type >= firstId + count) {
    throw invalidBtf(`a type refers to type ${reach.type}, there are ${firstId + count}`);
  }
  return starts.subarray(0, count);
}

function wordsOf(info: number, id: TypeId): number {
  const kind = (info >>> 24) & 0x1f;
  if (kind === 0 || kind > KindNumber.enum64) {
    throw invalidBtf(`type ${id} has the unknown kind ${kind}`);
  }
  return 3 + FIXED_WORDS[kind] + ENTRY_WORDS[kind] * (info & 0xffff);
}

function noteReach(words: Uint32Array, at: number, next: number, reach: Reach): void {
  const kind = (words[at + 1] >>> 24) & 0x1f;
  let name = words[at];
  let type = REFERS[kind] === 1 ? words[at + 2] : 0;
  const stride = ENTRY_WORDS[kind];
  if (kind === KindNumber.array) {
    type = Math.max(words[at + 3], words[at + 4]);
  } else if (kind === KindNumber.datasec) {
    for (let entry = at + 3; entry < next; entry += 3) {
      if (words[entry] > type) type = words[entry];
    }
  } else if (kind === KindNumber.enum || kind === KindNumber.enum64) {
    for (let entry = at + 3; entry < next; entry += stride) {
      if (words[entry] > name) name = words[entry];
    }
  } else if (stride !== 0) {
    for (let entry = at + 3; entry < next; entry += stride) {
      if (words[entry] > name) name = words[entry];
      if (words[entry + 1] > type) type = words[entry + 1];
    }
  }
  if (name > reach.name) reach.name = name;
  if (type > reach.type) reach.type = type;
}
