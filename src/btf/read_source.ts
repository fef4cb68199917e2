// The expressions that read integers from a record in generated code.

/**
 * How generated code reaches the bytes. "bytes": through `u8` alone, wherever the record lies.
 * "words": `u32` and `i32` over the same memory as `u8` too, for records aligned to 4 bytes.
 */
export type Access = "bytes" | "words";

/** A place in a record: a variable holding a byte offset, and bytes beyond it. */
export interface Place {
  readonly base: string;
  readonly offset: number;
  /** Whether `base` is a multiple of 4. */
  readonly aligned: boolean;
}

/** The place `bytes` further on. */
export function beyond(place: Place, bytes: number): Place {
  return { ...place, offset: place.offset + bytes };
}

/** The place's byte offset as an expression. */
export function offsetSource({ base, offset }: Place): string {
  return offset === 0 ? base : `${base}+${offset}`;
}

/** An unsigned or signed integer of 1, 2 or 4 bytes. */
export function integerSource(
  access: Access,
  place: Place,
  size: number,
  signed: boolean,
): string {
  const byte = (index: number) => `u8[${offsetSource(beyond(place, index))}]`;
  if (size === 1) return signed ? `(${byte(0)}<<24>>24)` : byte(0);
  if (size === 2) {
    const value = `(${byte(0)}|${byte(1)}<<8)`;
    return signed ? `(${value}<<16>>16)` : value;
  }
  if (access === "words" && place.aligned && place.offset % 4 === 0) {
    return `${signed ? "i32" : "u32"}[(${offsetSource(place)})>>2]`;
  }
  const value = `(${byte(0)}|${byte(1)}<<8|${byte(2)}<<16|${byte(3)}<<24)`;
  return signed ? value : `(${value}>>>0)`;
}

/** A key of an object literal; computed where `"__proto__": x` would set the prototype. */
export function keySource(name: string): string {
  const key = JSON.stringify(name);
  return name === "__proto__" ? `[${key}]` : key;
}
