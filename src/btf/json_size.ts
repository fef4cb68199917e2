// How many bytes of JSON a value takes at most, known before any record arrives.
import type { EnumNames, Layout } from "./layout.ts";
import { MAX_JSON_BYTES_PER_CHAR } from "./text.ts";

/** At most `fixed + perByte * length` bytes for a record of `length` bytes. */
export interface MaxJsonBytes {
  readonly fixed: number;
  /** What flexible arrays add for each byte of the record; 0 without one. */
  readonly perByte: number;
}

const encoder = new TextEncoder();
/** Decimal digits, sign and quotes by the integer's bytes. */
const INTEGER_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 6, 4: 11, 8: 22, 16: 42 };
const POINTER_BYTES = 20;
const FLOAT_BYTES = 36;
const BOOLEAN_BYTES = 5;

/** The most that a value of this layout takes, quotes, names and commas included. */
export function maxJsonBytes(layout: Layout): MaxJsonBytes {
  switch (layout.kind) {
    case "int":
      return fixed(INTEGER_BYTES[layout.size]);
    case "bool":
      return fixed(BOOLEAN_BYTES);
    case "pointer":
      return fixed(POINTER_BYTES);
    case "float":
      return fixed(FLOAT_BYTES);
    case "enum":
      return fixed(Math.max(INTEGER_BYTES[layout.size], longest(layout.names)));
    case "bits":
      return fixed(Math.max(INTEGER_BYTES[16], longest(layout.names)));
    case "text": {
      const perByte = layout.end === "flexible" ? MAX_JSON_BYTES_PER_CHAR : 0;
      // Quotes or brackets; each text of a list is closed by a NUL, which pays for its own.
      return { fixed: 5 + MAX_JSON_BYTES_PER_CHAR * layout.size, perByte };
    }
    case "array": {
      const each = maxJsonBytes(layout.element).fixed + 1;
      const stride = layout.element.size;
      const isOpen = layout.end === "flexible" && stride > 0;
      return { fixed: 2 + layout.count * each, perByte: isOpen ? Math.ceil(each / stride) : 0 };
    }
    case "struct": {
      let [sum, perByte] = [2, 0];
      for (const field of layout.fields) {
        const most = maxJsonBytes(field.layout);
        sum += encoder.encode(JSON.stringify(field.name)).length + 2 + most.fixed;
        perByte += most.perByte;
      }
      return { fixed: sum, perByte };
    }
  }
}

function fixed(bytes: number): MaxJsonBytes {
  return { fixed: bytes, perByte: 0 };
}

function longest(names: EnumNames | null): number {
  let most = 0;
  for (const name of names?.values() ?? []) {
    most = Math.max(most, encoder.encode(JSON.stringify(name)).length);
  }
  return most;
}
