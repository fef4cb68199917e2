// A comparison of a field with a value, as a caller states it.
export const OPERATORS = ["eq", "ne", "lt", "le", "gt", "ge", "contains", "prefix"] as const;
export type Operator = typeof OPERATORS[number];

/** `field` is a path such as "addr.port"; 64-bit values may be decimal text. */
export interface Comparison {
  readonly field: string;
  readonly op: Operator;
  readonly value: string | number | boolean;
}

/** Whether the value at `at` passes; it is known to lie before the record's end, `end`. */
export type Test = (bytes: Uint8Array, at: number, end: number) => boolean;
