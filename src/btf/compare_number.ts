// Comparisons of integers, enums, bitfields, pointers, booleans and floats, exact to the last bit.
import { type EBPFError, validationError } from "../errors.ts";
import { limits, namedValue, outOfRange, parseInteger, shown } from "./encode_integer.ts";
import type {
  BitsLayout,
  BoolLayout,
  EnumLayout,
  FloatLayout,
  IntLayout,
  PointerLayout,
} from "./layout.ts";
import type { Comparison, Operator, Test } from "./comparison.ts";
import { anySet, bigBits, bigUnsigned, float, word } from "./value.ts";

type IntegerLayout = IntLayout | EnumLayout | BoolLayout | PointerLayout | BitsLayout;

/** The size, sign and place of an integer, whatever it stands for. */
interface Shape {
  readonly bits: number;
  readonly shift: number;
  readonly signed: boolean;
}

/** @throws validation/value_out_of_range, validation/invalid_arguments */
export function compareInteger(layout: IntegerLayout, comparison: Comparison): Test {
  const { op } = comparison;
  if (op === "contains" || op === "prefix") throw notForNumbers(comparison);
  const shape = shapeOf(layout);
  const wanted = wantedInteger(layout, comparison);
  const [least, most] = limits(shape);
  if (wanted < least) return always(op === "ne" || op === "gt" || op === "ge");
  if (wanted > most) return always(op === "ne" || op === "lt" || op === "le");
  const order = orderOf(layout, wanted);
  return (bytes, at) => holds(op, order(bytes, at));
}

/** @throws validation/value_out_of_range, validation/invalid_arguments */
export function compareNumber(layout: FloatLayout, comparison: Comparison): Test {
  const { op, value } = comparison;
  if (op === "contains" || op === "prefix") throw notForNumbers(comparison);
  const wanted = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof wanted !== "number" || Number.isNaN(wanted)) {
    throw outOfRange(comparison.field, `value is ${shown(value)}, a number is wanted`, {});
  }
  if (layout.size > 8) {
    const message = `floats of ${layout.size} bytes cannot be compared`;
    throw validationError("invalid_arguments", `Cannot compare "${comparison.field}": ${message}`);
  }
  return (bytes, at) => {
    const is = Number(float(bytes, at, layout.size));
    if (Number.isNaN(is)) return op === "ne"; // NaN has no order, and equals nothing
    return holds(op, is < wanted ? -1 : is > wanted ? 1 : 0);
  };
}

function isBool(layout: IntegerLayout): boolean {
  return layout.kind === "bool" || (layout.kind === "bits" && layout.bool);
}

function shapeOf(layout: IntegerLayout): Shape {
  switch (layout.kind) {
    case "bool":
      return { bits: 1, shift: 0, signed: false };
    case "bits":
      return { bits: layout.width, shift: layout.shift, signed: layout.signed };
    case "int":
    case "enum":
      return { bits: layout.size * 8, shift: 0, signed: layout.signed };
    default:
      return { bits: layout.size * 8, shift: 0, signed: false };
  }
}

function wantedInteger(layout: IntegerLayout, { field, value }: Comparison): bigint {
  const names = layout.kind === "enum" || layout.kind === "bits" ? layout.names : null;
  const named = namedValue(names ?? undefined, value);
  if (named !== null) return named;
  if (typeof value === "boolean" && isBool(layout)) return value ? 1n : 0n;
  const integer = parseInteger(value);
  if (integer !== null) return integer;
  const known = names === null ? "" : `, or one of ${[...names.values()].slice(0, 24).join(", ")}`;
  const message = `value is ${shown(value)}, an integer (decimal text beyond 2^53-1)${known} ` +
    `is wanted`;
  throw validationError("value_out_of_range", `Cannot compare "${field}": ${message}`, { field });
}

/** Negative, 0 or positive as the value read is less than, equal to or greater than `wanted`. */
function orderOf(
  layout: IntegerLayout,
  wanted: bigint,
): (bytes: Uint8Array, at: number) => number {
  const { bits, shift, signed } = shapeOf(layout);
  const least = Number(wanted);
  if (layout.kind === "bool") {
    const size = layout.size;
    return (bytes, at) => Number(anySet(bytes, at, size)) - least;
  }
  if (shift === 0 && bits === 64) return order64(wanted, signed);
  if (shift === 0 && bits <= 32 && bits % 8 === 0) {
    const unused = 32 - bits;
    const count = bits / 8;
    return (bytes, at) => {
      let value = 0;
      for (let index = count - 1; index >= 0; index--) value = value << 8 | bytes[at + index];
      return (signed ? value << unused >> unused : value >>> 0) - least;
    };
  }
  return (bytes, at) => {
    const read = shift === 0 && bits === 128
      ? bigUnsigned(bytes, at, 16)
      : bigBits(bytes, at, shift, bits);
    const value = signed ? BigInt.asIntN(bits, read) : read;
    return value < wanted ? -1 : value > wanted ? 1 : 0;
  };
}

/** 64 bits as two words: no bigint per record. */
function order64(wanted: bigint, signed: boolean): (bytes: Uint8Array, at: number) => number {
  const wantedLow = Number(BigInt.asUintN(32, wanted));
  const wantedHigh = Number(wanted >> 32n);
  return (bytes, at) => {
    const high = word(bytes, at + 4);
    const difference = (signed ? high | 0 : high) - wantedHigh;
    return difference !== 0 ? difference : word(bytes, at) - wantedLow;
  };
}

function holds(op: Operator, order: number): boolean {
  switch (op) {
    case "eq":
      return order === 0;
    case "ne":
      return order !== 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
    case "gt":
      return order > 0;
    default:
      return order >= 0;
  }
}

function always(result: boolean): Test {
  return () => result;
}

function notForNumbers({ field, op }: Comparison): EBPFError {
  const message = `Cannot compare "${field}" with ${op}: it is a number, ${op} wants text`;
  return validationError("invalid_arguments", message, { field, op });
}
