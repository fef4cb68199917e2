// How the bytes of a type are laid out as values: names resolved, anonymous members flattened.
import type { TypeId } from "./kind.ts";

/** What is known of every layout. */
interface Extent {
  /** Bytes of a whole value. */
  readonly size: number;
  /** Bytes that must be there for every member to be there; a cut trailing array may have none. */
  readonly need: number;
  /** Values that one whole value decodes to, itself included. */
  readonly values: number;
  /** Layouts that code for it would spell out. */
  readonly nodes: number;
}

export interface IntLayout extends Extent {
  readonly kind: "int";
  readonly signed: boolean;
}

export interface BoolLayout extends Extent {
  readonly kind: "bool";
}

export interface PointerLayout extends Extent {
  readonly kind: "pointer";
}

export interface FloatLayout extends Extent {
  readonly kind: "float";
}

/** Names by value; the value is in the form that it has in JSON. */
export type EnumNames = ReadonlyMap<number | string, string>;

export interface EnumLayout extends Extent {
  readonly kind: "enum";
  readonly signed: boolean;
  readonly names: EnumNames;
}

/** A bitfield: `width` bits from bit `shift` of its first byte on; `names` when it is an enum. */
export interface BitsLayout extends Extent {
  readonly kind: "bits";
  readonly shift: number;
  readonly width: number;
  readonly signed: boolean;
  readonly bool: boolean;
  readonly names: EnumNames | null;
}

/**
 * How an array ends: where it is declared to ("fixed"), there or where the record ends because
 * nothing follows it ("tail"), or only where the record ends ("flexible").
 */
export type ArrayEnd = "fixed" | "tail" | "flexible";

/** A `char` array: one text, or the NUL-separated texts of an `argv` tag. */
export interface TextLayout extends Extent {
  readonly kind: "text";
  readonly texts: "one" | "many";
  readonly end: ArrayEnd;
}

export interface ArrayLayout extends Extent {
  readonly kind: "array";
  readonly element: Layout;
  readonly count: number;
  readonly end: ArrayEnd;
}

export interface Field {
  readonly name: string;
  /** Bytes from the struct's start; a bitfield's `shift` counts from here. */
  readonly offset: number;
  readonly type: TypeId;
  readonly layout: Layout;
}

/** A struct, a union (fields overlap) or a section of variables. */
export interface StructLayout extends Extent {
  readonly kind: "struct";
  readonly fields: readonly Field[];
}

export type Layout =
  | IntLayout
  | BoolLayout
  | PointerLayout
  | FloatLayout
  | EnumLayout
  | BitsLayout
  | TextLayout
  | ArrayLayout
  | StructLayout;

/** Elements of an array, or bytes of a text, in a value that begins `room` bytes before the end. */
export function elementsIn(layout: ArrayLayout | TextLayout, room: number): number {
  const stride = layout.kind === "text" ? 1 : layout.element.size;
  const declared = layout.kind === "text" ? layout.size : layout.count;
  const fitting = stride === 0 ? declared : Math.max(0, Math.floor(room / stride));
  return layout.end === "flexible" ? fitting : Math.min(declared, fitting);
}
