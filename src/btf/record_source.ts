// JavaScript source that writes a record as JSON bytes, to be inlined in a loop compiled as one.
import type { Btf } from "./btf.ts";
import { MAX_COMPILED_NODES } from "./decode.ts";
import { interpret, isPresent, textValue } from "./interpret.ts";
import {
  nameBytes,
  writeAddress,
  writeBoolean,
  writeBytes,
  writeJson,
  writeName,
  writeSigned,
  writeSigned64,
  writeText,
  writeUnsigned,
  writeUnsigned64,
} from "./json_bytes.ts";
import { maxJsonBytes } from "./json_size.ts";
import type { TypeId } from "./kind.ts";
import {
  type ArrayLayout,
  elementsIn,
  type EnumNames,
  type Layout,
  type TextLayout,
} from "./layout.ts";
import { layoutOf } from "./layout_builder.ts";
import { type Access, beyond, integerSource, offsetSource, type Place } from "./read_source.ts";
import {
  anySet,
  float,
  integer128,
  signed64,
  signedBits,
  unsigned64,
  unsignedBits,
} from "./value.ts";

/**
 * Source that writes one record. In its scope it wants `u8` (the memory), with "words" also `u32`
 * and `i32` over the same memory and `o` a multiple of 4; `o` and `end`, where the record is;
 * `out`, a Uint8Array with room for `maxBytes(end - o)`, and `let p`, where in it to write, which
 * the source moves behind the JSON. Its own variables are in a block of their own.
 */
export interface RecordSource {
  readonly statements: string;
  /** What else is wanted in scope: pass the keys to `new Function` as parameters. */
  readonly bindings: Readonly<Record<string, unknown>>;
  /** The bytes that the JSON of a record of `length` bytes takes at most. */
  maxBytes(length: number): number;
}

export interface SourceOptions {
  readonly access: Access;
  /** Begins the names of the bindings, so that several sources share a scope. */
  readonly prefix?: string;
}

/**
 * The writer of records of `type` as source. It writes what `JSON.stringify` makes of the value
 * that the type's decoder returns.
 *
 * @throws validation/invalid_btf, resource/limit_exceeded
 */
export function recordSource(btf: Btf, type: TypeId, options: SourceOptions): RecordSource {
  const layout = layoutOf(btf, type);
  const { fixed, perByte } = maxJsonBytes(layout);
  const source = new WriterSource(options);
  const statements = source.record(layout);
  return {
    statements,
    bindings: source.bindings,
    maxBytes: (length) => fixed + perByte * Math.max(0, length),
  };
}

const runtime = {
  anySet,
  elementsIn,
  float,
  integer128,
  signed64,
  signedBits,
  textValue,
  unsigned64,
  unsignedBits,
  writeAddress,
  writeBoolean,
  writeBytes,
  writeJson,
  writeName,
  writeSigned,
  writeSigned64,
  writeText,
  writeUnsigned,
  writeUnsigned64,
};

/** Beyond this many members literals are copied, not spelled out: huge functions stay slow. */
const MAX_SPELLED_NODES = 160;
const encoder = new TextEncoder();

class WriterSource {
  readonly bindings: Record<string, unknown> = {};
  readonly #options: SourceOptions;
  readonly #prefix: string;
  #lines: string[] = [];
  /** Text that is due, but not written yet: neighbouring pieces are written together. */
  #due = "";
  #loops = 0;
  #spelled = true;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#prefix = options.prefix ?? "";
  }

  record(layout: Layout): string {
    const short = this.#bind("short", (out: Uint8Array, p: number, ...record: Slice) => {
      const [u8, at, end] = record;
      const value = isPresent(layout, end - at) ? interpret(layout, u8, at, end) : null;
      return writeJson(out, p, value);
    });
    const shortly = `p=${short}(out,p,u8,o,end);`;
    if (layout.nodes > MAX_COMPILED_NODES) return shortly;
    this.#spelled = layout.nodes <= MAX_SPELLED_NODES;
    this.#value(layout, { base: "o", offset: 0, aligned: this.#options.access === "words" });
    this.#flush();
    return `if(end-o>=${layout.need}){${this.#lines.join("\n")}}else{${shortly}}`;
  }

  #bind(name: string, value: unknown): string {
    const bound = `${this.#prefix}${name}`;
    this.bindings[bound] = value;
    return bound;
  }

  #table(table: unknown): string {
    return this.#bind(`t${Object.keys(this.bindings).length}`, table);
  }

  #call(name: keyof typeof runtime, ...values: string[]): string {
    return `${this.#bind(name, runtime[name])}(${values.join(",")})`;
  }

  #write(name: keyof typeof runtime, ...values: string[]): void {
    this.#flush();
    this.#lines.push(`p=${this.#call(name, "out", "p", ...values)};`);
  }

  #flush(): void {
    if (this.#due === "") return;
    const bytes = encoder.encode(this.#due);
    this.#due = "";
    if (!this.#spelled) {
      this.#lines.push(`p=${this.#call("writeBytes", "out", "p", this.#table(bytes))};`);
      return;
    }
    const stores = Array.from(bytes, (byte, index) => `out[p+${index}]=${byte};`);
    this.#lines.push(`${stores.join("")}p+=${bytes.length};`);
  }

  #value(layout: Layout, place: Place): void {
    const at = offsetSource(place);
    switch (layout.kind) {
      case "int":
        return this.#integer(layout.size, layout.signed, place);
      case "bool":
        return this.#write("writeBoolean", this.#call("anySet", "u8", at, `${layout.size}`));
      case "pointer":
        return this.#write("writeAddress", ...this.#words(place));
      case "float":
        return this.#write("writeJson", this.#call("float", "u8", at, `${layout.size}`));
      case "enum":
        return this.#name(layout.names, this.#read(layout.size, layout.signed, place));
      case "bits": {
        const read = layout.signed ? "signedBits" : "unsignedBits";
        const bits = this.#call(read, "u8", at, `${layout.shift}`, `${layout.width}`);
        if (layout.bool) return this.#write("writeBoolean", `${bits}!==0`);
        if (layout.names !== null) return this.#name(layout.names, bits);
        return this.#write("writeJson", bits);
      }
      case "text":
        return this.#text(layout, at);
      case "array":
        return this.#array(layout, place);
      case "struct":
        layout.fields.forEach(({ name, offset, layout: field }, index) => {
          this.#due += `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`;
          this.#value(field, beyond(place, offset));
        });
        this.#due += layout.fields.length === 0 ? "{}" : "}";
    }
  }

  #integer(size: number, signed: boolean, place: Place): void {
    if (size === 8) {
      return this.#write(signed ? "writeSigned64" : "writeUnsigned64", ...this.#words(place));
    }
    const value = this.#read(size, signed, place);
    if (size === 16) return this.#write("writeJson", value);
    this.#write(signed ? "writeSigned" : "writeUnsigned", value);
  }

  /** The integer as a value. */
  #read(size: number, signed: boolean, place: Place): string {
    const at = offsetSource(place);
    if (size === 16) return this.#call("integer128", "u8", at, signed ? "1" : "0");
    if (size === 8) return this.#call(signed ? "signed64" : "unsigned64", ...this.#words(place));
    return integerSource(this.#options.access, place, size, signed);
  }

  #name(names: EnumNames, value: string): void {
    this.#write("writeName", this.#table(nameBytes(names)), value);
  }

  #words(place: Place): [low: string, high: string] {
    const { access } = this.#options;
    const low = integerSource(access, place, 4, false);
    return [low, integerSource(access, beyond(place, 4), 4, false)];
  }

  #text(layout: TextLayout, at: string): void {
    if (layout.texts === "many") {
      const value = this.#call("textValue", this.#table(layout), "u8", at, "end");
      return this.#write("writeJson", value);
    }
    const limit = `${at}+${layout.size}`;
    const stop = { fixed: limit, tail: `Math.min(${limit},end)`, flexible: "end" }[layout.end];
    this.#write("writeText", "u8", at, stop);
  }

  #array(layout: ArrayLayout, place: Place): void {
    const { element, count, end } = layout;
    this.#due += "[";
    this.#flush();
    const [index, at] = [`i${this.#loops}`, `o${this.#loops++}`];
    const start = offsetSource(place);
    const length = end === "fixed"
      ? `${count}`
      : this.#call("elementsIn", this.#table(layout), `end-(${start})`);
    const aligned = place.aligned && place.offset % 4 === 0 && element.size % 4 === 0;
    const outer = this.#lines;
    this.#lines = [];
    this.#value(element, { base: at, offset: 0, aligned });
    this.#flush();
    const body = this.#lines.join("\n");
    this.#lines = outer;
    const step = `${index}++,${at}+=${element.size}`;
    this.#lines.push(
      `for(let ${index}=0,n${index}=${length},${at}=${start};${index}<n${index};${step}){`,
      `if(${index}!==0)out[p++]=44;`,
      `${body}}`,
    );
    this.#due = "]";
  }
}

type Slice = [u8: Uint8Array, at: number, end: number];
