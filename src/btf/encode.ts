// JSON values to the bytes of a type: map keys and values, and the globals of an object.
import { resourceError } from "../errors.ts";
import type { Btf } from "./btf.ts";
import { encodeInteger, type IntegerRange, outOfRange, shown } from "./encode_integer.ts";
import { unknownField } from "./fields.ts";
import type { TypeId } from "./kind.ts";
import type { ArrayLayout, FloatLayout, Layout, StructLayout, TextLayout } from "./layout.ts";
import { layoutOf } from "./layout_builder.ts";
import { typeText } from "./type_text.ts";

/** A map value is at most this large in the kernel too (KMALLOC_MAX_SIZE and little more). */
const MAX_ENCODED_BYTES = 64 * 1024 * 1024;
const encoder = new TextEncoder();

/**
 * The bytes of `value` as a `type`. Integers are numbers or text ("18446744073709551615", "0x1f");
 * enums names or numbers; `char` arrays text; arrays and structs may be incomplete, what is
 * missing is 0. `subject` is what errors call the value.
 *
 * @throws validation/value_out_of_range, validation/unknown_field
 */
export function encodeValue(
  btf: Btf,
  type: TypeId,
  value: unknown,
  subject: string,
): Uint8Array<ArrayBuffer> {
  const layout = layoutOf(btf, type);
  if (layout.size > MAX_ENCODED_BYTES) {
    const message = `Cannot set "${subject}": ${typeText(btf, type)} has ${layout.size} bytes, ` +
      `the limit is ${MAX_ENCODED_BYTES}`;
    throw resourceError("limit_exceeded", message, { subject });
  }
  const image = new Image(layout.size);
  encode(image, layout, 0, value, subject);
  return image.bytes;
}

/** Bytes being written, and which bits: union members that contradict each other are refused. */
class Image {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #written: Uint8Array;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#written = new Uint8Array(size);
  }

  /** Writes the low `width` bits of `value` from bit `shift` of byte `at` on. */
  writeBits(at: number, shift: number, width: number, value: bigint, subject: string): void {
    const mask = ((1n << BigInt(width)) - 1n) << BigInt(shift);
    const bits = (value << BigInt(shift)) & mask;
    for (let index = 0; index * 8 < shift + width; index++) {
      const byte = BigInt(index * 8);
      this.#put(at + index, Number(bits >> byte & 0xffn), Number(mask >> byte & 0xffn), subject);
    }
  }

  writeBytes(at: number, bytes: Uint8Array, subject: string): void {
    bytes.forEach((byte, index) => this.#put(at + index, byte, 0xff, subject));
  }

  #put(at: number, byte: number, mask: number, subject: string): void {
    const both = this.#written[at] & mask;
    if (((this.bytes[at] ^ byte) & both) !== 0) {
      throw outOfRange(subject, "its bytes are given twice, with different contents", {});
    }
    this.bytes[at] = (this.bytes[at] & ~mask) | (byte & mask);
    this.#written[at] |= mask;
  }
}

function encode(
  image: Image,
  layout: Layout,
  at: number,
  value: unknown,
  subject: string,
): void {
  switch (layout.kind) {
    case "int":
      return writeInteger(image, at, { bits: layout.size * 8, ...layout }, value, subject);
    case "pointer":
      return writeInteger(image, at, { bits: 64, signed: false }, value, subject);
    case "bool":
      return image.writeBits(at, 0, layout.size * 8, boolean(value, subject), subject);
    case "float":
      return image.writeBytes(at, floatBytes(layout, value, subject), subject);
    case "enum":
      return writeInteger(image, at, { bits: layout.size * 8, ...layout }, value, subject);
    case "bits": {
      const { width, shift, signed, bool, names } = layout;
      const range = { bits: width, signed, names: names ?? undefined };
      const bits = bool ? boolean(value, subject) : encodeInteger(range, value, subject);
      return image.writeBits(at, shift, width, bits, subject);
    }
    case "text":
      return image.writeBytes(at, textBytes(layout, value, subject), subject);
    case "array":
      return encodeArray(image, layout, at, value, subject);
    case "struct":
      return encodeStruct(image, layout, at, value, subject);
  }
}

function writeInteger(
  image: Image,
  at: number,
  range: IntegerRange,
  value: unknown,
  subject: string,
): void {
  const integer = encodeInteger(range, value, subject);
  image.writeBits(at, 0, range.bits, integer, subject);
}

function boolean(value: unknown, subject: string): bigint {
  if (value === true || value === 1) return 1n;
  if (value === false || value === 0) return 0n;
  throw outOfRange(subject, `value is ${shown(value)}, true or false is wanted`, {
    value: shown(value),
  });
}

function floatBytes(layout: FloatLayout, value: unknown, subject: string): Uint8Array {
  const { size } = layout;
  if (typeof value !== "number") {
    throw outOfRange(subject, `value is ${shown(value)}, a number is wanted`, {
      value: shown(value),
    });
  }
  if (size !== 4 && size !== 8) {
    throw outOfRange(subject, `floats of ${size} bytes cannot be set, only 4 or 8`, { size });
  }
  const view = new DataView(new ArrayBuffer(size));
  if (size === 8) view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  if (size === 4 && Number.isFinite(value) && !Number.isFinite(view.getFloat32(0, true))) {
    throw outOfRange(subject, `value is ${value}, float takes up to 3.4028235e38`, {
      value: shown(value),
    });
  }
  return new Uint8Array(view.buffer);
}

function textBytes(layout: TextLayout, value: unknown, subject: string): Uint8Array {
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) {
    return charBytes(layout, value, subject);
  }
  const bytes = encoder.encode(joined(layout, value, subject));
  if (bytes.length > layout.size) {
    const message = `value has ${bytes.length} bytes, char[${layout.size}] takes ${layout.size}`;
    throw outOfRange(subject, message, { value: shown(value) });
  }
  const whole = new Uint8Array(layout.size); // the zeros behind a text are part of it
  whole.set(bytes);
  return whole;
}

/** One text, or for an argv array its texts, each with its NUL. */
function joined(layout: TextLayout, value: unknown, subject: string): string {
  if (typeof value === "string" && !value.includes("\0")) return value;
  if (layout.texts === "many" && Array.isArray(value)) {
    if (value.every((item) => typeof item === "string" && !item.includes("\0"))) {
      return value.map((item) => `${item}\0`).join("");
    }
  }
  throw outOfRange(subject, `value is ${shown(value)}, text without NUL is wanted`, {
    value: shown(value),
  });
}

/** A `char` array as numbers, -128 to 255 each: what text cannot say. */
function charBytes(layout: TextLayout, value: readonly number[], subject: string): Uint8Array {
  checkCount(value.length, layout.size, subject);
  const bytes = new Uint8Array(layout.size);
  value.forEach((item, index) => {
    const byte = encodeInteger({ bits: 8, signed: item < 0 }, item, `${subject}[${index}]`);
    bytes[index] = Number(BigInt.asUintN(8, byte));
  });
  return bytes;
}

function checkCount(count: number, limit: number, subject: string): void {
  if (count <= limit) return;
  throw outOfRange(subject, `value has ${count} elements, the array takes ${limit}`, { count });
}

function encodeArray(
  image: Image,
  layout: ArrayLayout,
  at: number,
  value: unknown,
  subject: string,
): void {
  if (!Array.isArray(value)) {
    throw outOfRange(subject, `value is ${shown(value)}, an array is wanted`, {
      value: shown(value),
    });
  }
  checkCount(value.length, layout.count, subject);
  value.forEach((item: unknown, index) => {
    encode(image, layout.element, at + index * layout.element.size, item, `${subject}[${index}]`);
  });
}

function encodeStruct(
  image: Image,
  layout: StructLayout,
  at: number,
  value: unknown,
  subject: string,
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw outOfRange(subject, `value is ${shown(value)}, an object is wanted`, {
      value: shown(value),
    });
  }
  for (const [name, member] of Object.entries(value)) {
    const field = layout.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw unknownField(layout, name);
    encode(image, field.layout, at + field.offset, member, `${subject}.${name}`);
  }
}
