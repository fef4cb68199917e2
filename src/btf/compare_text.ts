// Comparisons of text fields: bytes against bytes where that gives what is shown.
import { validationError } from "../errors.ts";
import type { Comparison, Operator, Test } from "./comparison.ts";
import { shown } from "./encode_integer.ts";
import { textValue } from "./interpret.ts";
import { elementsIn, type TextLayout } from "./layout.ts";
import { endOfText } from "./text.ts";

const encoder = new TextEncoder();
/** Text whose bytes are shown as they are; a backslash may stand for a control character. */
const plainText = /^[\x20-\x5b\x5d-\x7e]*$/;

/** @throws validation/value_out_of_range, validation/invalid_arguments */
export function compareText(layout: TextLayout, comparison: Comparison): Test {
  const { field, op, value } = comparison;
  if (typeof value !== "string") {
    const message = `Cannot compare "${field}": value is ${shown(value)}, text is wanted`;
    throw validationError("value_out_of_range", message, { field });
  }
  if (layout.texts === "many") return compareTexts(layout, field, op, value);
  if (plainText.test(value) && isByteOperator(op)) return compareBytes(layout, op, value);
  return (bytes, at, end) => holds(op, String(textValue(layout, bytes, at, end)), value);
}

type ByteOperator = "eq" | "ne" | "contains" | "prefix";

function isByteOperator(op: Operator): op is ByteOperator {
  return op === "eq" || op === "ne" || op === "contains" || op === "prefix";
}

function compareTexts(layout: TextLayout, field: string, op: Operator, value: string): Test {
  if (!isByteOperator(op)) {
    const message = `Cannot compare "${field}" with ${op}: it is a list of texts`;
    throw validationError("invalid_arguments", message, { field, op });
  }
  const texts = (bytes: Uint8Array, at: number, end: number): string[] => {
    const read = textValue(layout, bytes, at, end);
    return Array.isArray(read) ? read.map(String) : [];
  };
  if (op === "ne") return (bytes, at, end) => !texts(bytes, at, end).includes(value);
  return (bytes, at, end) => texts(bytes, at, end).some((text) => holds(op, text, value));
}

function compareBytes(layout: TextLayout, op: ByteOperator, value: string): Test {
  const wanted = encoder.encode(value);
  const textEnd = (bytes: Uint8Array, at: number, end: number) => {
    return endOfText(bytes, at, at + elementsIn(layout, end - at));
  };
  const isEqual = (bytes: Uint8Array, at: number, end: number) => {
    return textEnd(bytes, at, end) - at === wanted.length && startsWith(bytes, at, wanted);
  };
  switch (op) {
    case "eq":
      return isEqual;
    case "ne":
      return (bytes, at, end) => !isEqual(bytes, at, end);
    case "prefix":
      return (bytes, at, end) => {
        return textEnd(bytes, at, end) - at >= wanted.length && startsWith(bytes, at, wanted);
      };
    case "contains":
      return (bytes, at, end) => {
        const last = textEnd(bytes, at, end) - wanted.length;
        for (let start = at; start <= last; start++) {
          if (startsWith(bytes, start, wanted)) return true;
        }
        return false;
      };
  }
}

function startsWith(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[at + index] !== wanted[index]) return false;
  }
  return true;
}

function holds(op: Operator, text: string, value: string): boolean {
  switch (op) {
    case "eq":
      return text === value;
    case "ne":
      return text !== value;
    case "lt":
      return text < value;
    case "le":
      return text <= value;
    case "gt":
      return text > value;
    case "ge":
      return text >= value;
    case "contains":
      return text.includes(value);
    case "prefix":
      return text.startsWith(value);
  }
}
