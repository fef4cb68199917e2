// The code that reads a field as a number to compute with.
import { validationError } from "../../errors.ts";
import type { FoundField } from "../fields.ts";
import type { BitsLayout } from "../layout.ts";
import { beyond, integerSource, offsetSource, type Place } from "../read_source.ts";

/** narrow: at most 32 bits; wide: up to 64, in two words; float: a double, NaN left out. */
export type NumberClass = "narrow" | "wide" | "float";

export interface NumberSource {
  readonly kind: NumberClass;
  readonly signed: boolean;
  /** Bytes that a record must have from its start for the field to be there. */
  readonly need: number;
  /** Statements that declare `v` (narrow, float), or an unsigned `lo` and `hi` (wide). */
  readonly source: string;
}

const RECORD: Place = { base: "at", offset: 0, aligned: true };

/** @throws validation/invalid_arguments for what is no number */
export function numberSource({ path, offset, layout }: FoundField, op: string): NumberSource {
  const place = beyond(RECORD, offset);
  const at = offsetSource(place);
  const need = offset + layout.size;
  switch (layout.kind) {
    case "int":
    case "enum": {
      const { size, signed } = layout;
      if (size > 8) throw refused(path, op, "it has 128 bits");
      if (size === 8) return { kind: "wide", signed, need, source: wide(place, signed) };
      const source = `const v=${integerSource("words", place, size, signed)};`;
      return { kind: "narrow", signed, need, source };
    }
    case "bool": {
      const source = `const v=anySet(u8,${at},${layout.size})?1:0;`;
      return { kind: "narrow", signed: false, need, source };
    }
    case "bits":
      return bits(layout, offset, at);
    case "float": {
      if (layout.size > 8) throw refused(path, op, `it is a float of ${layout.size} bytes`);
      const source = `const v=Number(float(u8,${at},${layout.size}));`;
      return { kind: "float", signed: true, need, source };
    }
    case "text":
      throw refused(path, op, "it is text");
    case "pointer":
      throw refused(path, op, "it is a pointer");
    case "array":
      throw refused(path, op, "it is an array");
    case "struct":
      throw refused(path, op, "it is a struct: name one of its fields");
  }
}

function wide(place: Place, signed: boolean): string {
  const low = integerSource("words", place, 4, false);
  return `const lo=${low},hi=${integerSource("words", beyond(place, 4), 4, signed)};`;
}

function bits({ shift, width, signed }: BitsLayout, offset: number, at: string): NumberSource {
  const need = offset + Math.ceil((shift + width) / 8);
  if (shift + width <= 32) {
    const read = signed ? "signedBits" : "unsignedBits";
    return { kind: "narrow", signed, need, source: `const v=${read}(u8,${at},${shift},${width});` };
  }
  const value = `bigBits(u8,${at},${shift},${width})`;
  const whole = signed ? `BigInt.asIntN(${width},${value})` : value;
  const source = `const b=${whole},lo=Number(b&0xffffffffn),hi=Number(b>>32n);`;
  return { kind: "wide", signed, need, source };
}

function refused(path: string, op: string, why: string): Error {
  return validationError("invalid_arguments", `Cannot compute ${op} of "${path}": ${why}`, {
    arguments: ["aggregate.compute"],
    field: path,
  });
}
