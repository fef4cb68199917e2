// A field that groups are made by: the code that gathers it into a key, and its value in one.
import { validationError } from "../../errors.ts";
import type { FoundField } from "../fields.ts";
import { interpret } from "../interpret.ts";
import type { Layout, TextLayout } from "../layout.ts";
import { beyond, integerSource, offsetSource, type Place } from "../read_source.ts";
import type { JsonValue } from "../value.ts";

/** Longest array that can be a key, in bytes: an address, a digest. */
const longestArray = 64;

/** Where a record is, in code: `at` is its start, a multiple of 4, and `end` its end. */
const RECORD: Place = { base: "at", offset: 0, aligned: true };

/** What takes a key apart again. */
export interface KeyReader {
  /** What tells keys of this kind from those of another, so that two types can share groups. */
  readonly form: string;
  /** The value in `key` at `word`, and the word behind it. */
  read(key: Int32Array, word: number): { readonly value: JsonValue; readonly next: number };
}

export interface KeyField extends KeyReader {
  /** Bytes that a record must have from its start for the field to be there. */
  readonly need: number;
  /** Statements that put the value at `key[n]` and move `n`; they call `key_words.ts`. */
  readonly source: string;
}

/** @throws validation/invalid_arguments for what has no one value */
export function keyField({ path, offset, layout }: FoundField): KeyField {
  const place = beyond(RECORD, offset);
  const at = offsetSource(place);
  switch (layout.kind) {
    case "text":
      return textKey(layout, place);
    case "struct":
      throw refused(path, "it is a struct: name one of its fields");
    case "float":
      throw refused(path, "it is a floating point number");
    case "array":
      if (layout.end !== "fixed" || layout.size > longestArray) {
        throw refused(path, `it is an array that is not of at most ${longestArray} bytes`);
      }
      return wordsKey(layout, offset, `n=bytesToWords(u8,${at},${at}+${layout.size},key,n);`);
    case "bits":
      return bitsKey(layout, offset, at);
    case "bool": {
      const value = `anySet(u8,${at},${layout.size})?1:0`;
      const one = { ...layout, size: 1, need: 1 };
      return { ...wordsKey(one, offset, `key[n++]=${value};`), need: offset + layout.size };
    }
    default:
      return wordsKey(layout, offset, integerKey(layout.size, place));
  }
}

function integerKey(size: number, place: Place): string {
  if (size < 4) return `key[n++]=${integerSource("words", place, size, false)};`;
  const words = Array.from({ length: size / 4 }, (_, index) => beyond(place, index * 4));
  return words.map((word) => `key[n++]=${integerSource("words", word, 4, true)};`).join("");
}

function bitsKey(layout: Layout & { kind: "bits" }, offset: number, at: string): KeyField {
  const { shift, width } = layout;
  const bytes = Math.ceil((shift + width) / 8);
  const source = shift + width <= 32
    ? `key[n++]=unsignedBits(u8,${at},${shift},${width});`
    : `{const b=bigBits(u8,${at},${shift},${width});` +
      `key[n++]=Number(b&0xffffffffn);key[n++]=Number(b>>32n);}`;
  const size = shift + width <= 32 ? 4 : 8;
  const inKey = { ...layout, shift: 0, size, need: size };
  return { ...wordsKey(inKey, offset, source), need: offset + bytes };
}

/** A value that takes the same number of words in every key. */
function wordsKey(layout: Layout, offset: number, source: string): KeyField {
  const words = (layout.size + 3) >> 2;
  return {
    form: formOf(layout),
    need: offset + layout.size,
    source,
    read: (key, word) => ({
      value: valueAt(layout, key, word, layout.size),
      next: word + words,
    }),
  };
}

function textKey(layout: TextLayout, place: Place): KeyField {
  const at = offsetSource(place);
  const limit = `${at}+${layout.size}`;
  const stop = { fixed: limit, tail: `Math.min(${limit},end)`, flexible: "end" }[layout.end];
  const whole = layout.end === "flexible" ? -1 : layout.size;
  const isWords = layout.end === "fixed" && place.offset % 4 === 0 && layout.size % 4 === 0;
  const source = layout.texts === "many"
    ? `n=textsToWords(u8,${at},${stop},${whole},key,n);`
    : isWords
    ? `n=wordsToWords(i32,(${at})>>2,${layout.size / 4},key,n);`
    : `n=textToWords(u8,${at},${stop},key,n);`;
  const inKey: TextLayout = { ...layout, size: 0, need: 0, end: "flexible" };
  return {
    form: layout.texts === "many" ? "texts" : "text",
    need: place.offset + (layout.end === "fixed" ? layout.size : 0),
    source,
    read(key, word) {
      const length = key[word];
      const value = valueAt(inKey, key, word + 1, length);
      return { value, next: word + 1 + ((length + 3) >> 2) };
    },
  };
}

function valueAt(layout: Layout, key: Int32Array, word: number, length: number): JsonValue {
  const bytes = new Uint8Array(key.buffer, key.byteOffset, key.byteLength);
  return interpret(layout, bytes, word * 4, word * 4 + length);
}

/** Equal for layouts whose words mean the same; names of an enum are a type's own. */
function formOf(layout: Layout): string {
  switch (layout.kind) {
    case "int":
      return `${layout.signed ? "i" : "u"}${layout.size}`;
    case "bits":
      return `bits${layout.signed}${layout.bool}${layout.width}${namesOf(layout.names)}`;
    case "enum":
      return `enum${layout.signed}${layout.size}${namesOf(layout.names)}`;
    case "array":
      return `array${layout.count}${formOf(layout.element)}`;
    default:
      return `${layout.kind}${layout.size}`;
  }
}

function namesOf(names: ReadonlyMap<number | string, string> | null): string {
  return names === null ? "" : JSON.stringify([...names]);
}

function refused(path: string, why: string): Error {
  return validationError("invalid_arguments", `Cannot group by "${path}": ${why}`, {
    arguments: ["aggregate.by"],
    field: path,
  });
}
