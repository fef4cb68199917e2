// Integers and enums from JSON: the ways a number may be written, and what fits.
import { type EBPFError, validationError } from "../errors.ts";
import type { EnumNames } from "./layout.ts";

export interface IntegerRange {
  readonly bits: number;
  readonly signed: boolean;
  readonly names?: EnumNames;
}

/** Enumerators that an error names. */
const MAX_LISTED = 24;
const MAX_SHOWN = 64;

/**
 * The integer that `value` means: a number, decimal or hexadecimal text, or an enum's name.
 *
 * @throws validation/value_out_of_range
 */
export function encodeInteger(range: IntegerRange, value: unknown, subject: string): bigint {
  const integer = namedValue(range.names, value) ?? parseInteger(value);
  if (integer === null) {
    throw outOfRange(subject, `value is ${shown(value)}, ${wanted(range)} is wanted`, {
      value: shown(value),
    });
  }
  const [least, most] = limits(range);
  if (integer < least || integer > most) {
    const kind = `${range.signed ? "signed" : "unsigned"} ${range.bits}-bit`;
    const message = `value is ${integer}, ${kind} takes ${least} to ${most}`;
    throw outOfRange(subject, message, { value: shown(value) });
  }
  return integer;
}

/** The least and the greatest value. */
export function limits({ bits, signed }: IntegerRange): [bigint, bigint] {
  if (signed) return [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n];
  return [0n, (1n << BigInt(bits)) - 1n];
}

/** An integer as JSON may write it; null when it is none, or not exact. */
export function parseInteger(value: unknown): bigint | null {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : null;
  if (typeof value !== "string" || value.length > 48) return null;
  return /^(-?\d+|0x[0-9a-fA-F]+)$/.test(value) ? BigInt(value) : null;
}

/** The value of an enumerator's name. */
export function namedValue(names: EnumNames | undefined, value: unknown): bigint | null {
  if (names === undefined || typeof value !== "string") return null;
  for (const [number, name] of names) {
    if (name === value) return BigInt(number);
  }
  return null;
}

function wanted({ names }: IntegerRange): string {
  if (names === undefined) return "an integer (decimal text beyond 2^53-1)";
  const listed = [...names.values()].slice(0, MAX_LISTED).join(", ");
  return names.size > MAX_LISTED ? `one of ${listed}, …` : `one of ${listed}`;
}

/** A value as an error shows it. */
export function shown(value: unknown): string {
  if (typeof value === "bigint" || value === undefined) return String(value);
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** `validation/value_out_of_range`, for a value that its type cannot hold. */
export function outOfRange(
  subject: string,
  message: string,
  context: Record<string, unknown>,
): EBPFError {
  return validationError("value_out_of_range", `Cannot set "${subject}": ${message}`, {
    subject,
    ...context,
  });
}
