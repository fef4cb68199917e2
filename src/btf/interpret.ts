// Values by walking the layout: records that end early, and types too large to compile.
import { elementsIn, type EnumNames, type Layout, type StructLayout } from "./layout.ts";
import type { ArrayLayout, TextLayout } from "./layout.ts";
import { readText, readTexts } from "./text.ts";
import {
  address,
  anySet,
  float,
  integer128,
  type JsonObject,
  type JsonValue,
  signed64,
  signedBits,
  unsigned64,
  unsignedBits,
  word,
} from "./value.ts";

/** The value in `bytes[at, end)`: what lies beyond `end` is left out, a cut array is shorter. */
export function interpret(
  layout: Layout,
  bytes: Uint8Array,
  at: number,
  end: number,
): JsonValue {
  switch (layout.kind) {
    case "int":
      return integer(bytes, at, layout.size, layout.signed ? 1 : 0);
    case "bool":
      return anySet(bytes, at, layout.size);
    case "pointer":
      return address(word(bytes, at), word(bytes, at + 4));
    case "float":
      return float(bytes, at, layout.size);
    case "enum":
      return nameOf(layout.names, integer(bytes, at, layout.size, layout.signed ? 1 : 0));
    case "bits": {
      const read = layout.signed ? signedBits : unsignedBits;
      const value = read(bytes, at, layout.shift, layout.width);
      if (layout.bool) return value !== 0;
      return layout.names === null ? value : nameOf(layout.names, value);
    }
    case "text":
      return textValue(layout, bytes, at, end);
    case "array":
      return elements(layout, bytes, at, end);
    case "struct":
      return object(layout, bytes, at, end);
  }
}

/** Whether any of a value that begins `room` bytes before the record's end is there. */
export function isPresent(layout: Layout, room: number): boolean {
  switch (layout.kind) {
    case "text":
    case "array":
    case "struct":
      return room > 0 || (room === 0 && layout.need === 0);
    default:
      return room >= layout.size;
  }
}

export function nameOf(names: EnumNames, value: number | string): number | string {
  return names.get(value) ?? value;
}

/** A `char` array; one that ends where its record ends holds exactly what was written. */
export function textValue(
  layout: TextLayout,
  bytes: Uint8Array,
  at: number,
  end: number,
): JsonValue {
  const stop = at + elementsIn(layout, end - at);
  if (layout.texts === "one") return readText(bytes, at, stop);
  const filled = layout.end !== "flexible" && stop === at + layout.size;
  return readTexts(bytes, at, stop, filled ? "padded" : "exact");
}

function integer(bytes: Uint8Array, at: number, size: number, signed: 0 | 1): number | string {
  if (size === 16) return integer128(bytes, at, signed);
  if (size === 8) {
    const read = signed === 1 ? signed64 : unsigned64;
    return read(word(bytes, at), word(bytes, at + 4));
  }
  const value = size === 1
    ? bytes[at]
    : size === 2
    ? bytes[at] | bytes[at + 1] << 8
    : word(bytes, at);
  const unused = 32 - size * 8;
  return signed === 1 ? value << unused >> unused : value;
}

function elements(layout: ArrayLayout, bytes: Uint8Array, at: number, end: number): JsonValue[] {
  const { element } = layout;
  const count = elementsIn(layout, end - at);
  return Array.from({ length: count }, (_, index) => {
    return interpret(element, bytes, at + index * element.size, end);
  });
}

function object(layout: StructLayout, bytes: Uint8Array, at: number, end: number): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const { name, offset, layout: field } of layout.fields) {
    const start = at + offset;
    if (isPresent(field, end - start)) entries.push([name, interpret(field, bytes, start, end)]);
  }
  return Object.fromEntries(entries); // defines "__proto__" as a field like any other
}
