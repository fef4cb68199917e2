// Records as JSON bytes, without objects in between.
import type { Btf } from "./btf.ts";
import type { TypeId } from "./kind.ts";
import { recordSource } from "./record_source.ts";

/** Writes the record `u8[o, end)` at `p` of `out` and returns the place behind its JSON. */
export type RecordWriter = (
  out: Uint8Array,
  p: number,
  u8: Uint8Array,
  o: number,
  end: number,
) => number;

export interface JsonWriter {
  /** `out` must have room for `maxBytes(end - o)` behind `p`; nothing is checked. */
  readonly write: RecordWriter;
  maxBytes(length: number): number;
}

/**
 * A writer of the JSON that `JSON.stringify` makes of a decoded value.
 *
 * @throws validation/invalid_btf, resource/limit_exceeded
 */
export function compileJsonWriter(btf: Btf, type: TypeId): JsonWriter {
  const { statements, bindings, maxBytes } = recordSource(btf, type, { access: "bytes" });
  const source = `"use strict";return (out,p,u8,o,end)=>{${statements}return p;};`;
  const compile = new Function(...Object.keys(bindings), source);
  const write: RecordWriter = compile(...Object.values(bindings));
  return { write, maxBytes };
}
