// Bytes to JSON values, compiled once per type: no walk over types when records arrive.
import type { Btf } from "./btf.ts";
import { interpret, isPresent, nameOf, textValue } from "./interpret.ts";
import type { TypeId } from "./kind.ts";
import type { ArrayLayout, EnumNames, Layout } from "./layout.ts";
import { elementsIn } from "./layout.ts";
import { layoutOf } from "./layout_builder.ts";
import { beyond, integerSource, keySource, offsetSource, type Place } from "./read_source.ts";
import {
  address,
  anySet,
  float,
  integer128,
  type JsonValue,
  signed64,
  signedBits,
  unsigned64,
  unsignedBits,
} from "./value.ts";

export type { JsonObject, JsonValue } from "./value.ts";

/** The value of the `length` bytes at `offset`; null when a single value does not fit. */
export type Decoder = (bytes: Uint8Array, offset: number, length: number) => JsonValue;

/** Decodes a value that is known to be whole. */
type WholeDecoder = (bytes: Uint8Array, at: number, end: number) => JsonValue;

/** Code is spelled out for types up to this many members, arrays counted once. */
export const MAX_COMPILED_NODES = 4096;

/**
 * A decoder for values of `type`. Members beyond a short record's end are left out, an array at
 * the end is cut, a flexible array takes what is there.
 *
 * @throws validation/invalid_btf, resource/limit_exceeded
 */
export function compileDecoder(btf: Btf, type: TypeId): Decoder {
  const layout = layoutOf(btf, type);
  const whole = wholeDecoder(layout);
  return (bytes, offset, length) => {
    const end = Math.min(offset + length, bytes.length);
    if (end - offset >= layout.need) return whole(bytes, offset, end);
    return isPresent(layout, end - offset) ? interpret(layout, bytes, offset, end) : null;
  };
}

function wholeDecoder(layout: Layout): WholeDecoder {
  if (layout.nodes > MAX_COMPILED_NODES) {
    return (bytes, at, end) => interpret(layout, bytes, at, end);
  }
  return new DecoderSource().compile(layout);
}

const runtime = {
  address,
  anySet,
  elementsIn,
  float,
  integer128,
  nameOf,
  signed64,
  signedBits,
  textValue,
  unsigned64,
  unsignedBits,
};

/** Collects what one decoder's source refers to: tables by name, a function per array. */
class DecoderSource {
  readonly #tables: (Layout | EnumNames)[] = [];
  readonly #functions: string[] = [];

  compile(layout: Layout): WholeDecoder {
    const value = this.#value(layout, { base: "at", offset: 0, aligned: false });
    const names = Object.keys(runtime).join(",");
    const tables = this.#tables.map((_, index) => `t${index}`).join(",");
    const source = `"use strict";const {${names}}=runtime;const [${tables}]=tables;
${this.#functions.join("\n")}
return (u8,at,end)=>(${value});`;
    return new Function("runtime", "tables", source)(runtime, this.#tables);
  }

  #table(table: Layout | EnumNames): string {
    return `t${this.#tables.push(table) - 1}`;
  }

  #value(layout: Layout, place: Place): string {
    const at = offsetSource(place);
    switch (layout.kind) {
      case "int":
        return this.#integer(layout.size, layout.signed, place);
      case "bool":
        return layout.size === 1 ? `u8[${at}]!==0` : `anySet(u8,${at},${layout.size})`;
      case "pointer":
        return `address(${this.#words(place)})`;
      case "float":
        return `float(u8,${at},${layout.size})`;
      case "enum": {
        const value = this.#integer(layout.size, layout.signed, place);
        return `nameOf(${this.#table(layout.names)},${value})`;
      }
      case "bits": {
        const read = layout.signed ? "signedBits" : "unsignedBits";
        const value = `${read}(u8,${at},${layout.shift},${layout.width})`;
        if (layout.bool) return `${value}!==0`;
        return layout.names === null ? value : `nameOf(${this.#table(layout.names)},${value})`;
      }
      case "text":
        return `textValue(${this.#table(layout)},u8,${at},end)`;
      case "array":
        return this.#array(layout, at);
      case "struct": {
        const fields = layout.fields.map(({ name, offset, layout: field }) => {
          return `${keySource(name)}:${this.#value(field, beyond(place, offset))}`;
        });
        return `{${fields.join(",")}}`;
      }
    }
  }

  #integer(size: number, signed: boolean, place: Place): string {
    if (size === 16) return `integer128(u8,${offsetSource(place)},${signed ? 1 : 0})`;
    if (size === 8) return `${signed ? "signed64" : "unsigned64"}(${this.#words(place)})`;
    return integerSource("bytes", place, size, signed);
  }

  #words(place: Place): string {
    const low = integerSource("bytes", place, 4, false);
    return `${low},${integerSource("bytes", beyond(place, 4), 4, false)}`;
  }

  #array(layout: ArrayLayout, at: string): string {
    const { element, count, end } = layout;
    const value = this.#value(element, { base: "at", offset: 0, aligned: false });
    const name = `array${this.#functions.length}`;
    const length = end === "fixed" ? `${count}` : `elementsIn(${this.#table(layout)},end-at)`;
    this.#functions.push(
      `function ${name}(u8,at,end){const n=${length},values=new Array(n);` +
        `for(let i=0;i<n;i++,at+=${element.size})values[i]=${value};return values;}`,
    );
    return `${name}(u8,${at},end)`;
  }
}
