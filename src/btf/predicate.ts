// Comparisons on fields, compiled to a test over raw bytes: what does not match is never decoded.
import { validationError } from "../errors.ts";
import type { Btf } from "./btf.ts";
import { compareInteger, compareNumber } from "./compare_number.ts";
import type { Comparison, Test } from "./comparison.ts";
import { compareText } from "./compare_text.ts";
import { findField, type FoundField } from "./fields.ts";
import type { TypeId } from "./kind.ts";
import { structLayoutOf } from "./layout_builder.ts";

export type { Comparison, Operator } from "./comparison.ts";

/** Whether the record of `length` bytes at `offset` passes. */
export type Predicate = (bytes: Uint8Array, offset: number, length: number) => boolean;

/**
 * A test that passes records for which every comparison holds; a record that ends before a
 * compared field does not pass. Text is compared up to its NUL, in the form it is shown in; an
 * argv array passes when one of its texts does, with `ne` when none is equal.
 *
 * @throws validation/unknown_field, validation/value_out_of_range, validation/invalid_arguments
 */
export function compilePredicate(
  btf: Btf,
  type: TypeId,
  comparisons: readonly Comparison[],
): Predicate {
  const struct = structLayoutOf(btf, type);
  const tests = comparisons.map((comparison) => {
    return compileTest(findField(struct, comparison.field), comparison);
  });
  return (bytes, offset, length) => {
    const end = Math.min(offset + length, bytes.length);
    for (const test of tests) {
      if (!test(bytes, offset, end)) return false;
    }
    return true;
  };
}

function compileTest(field: FoundField, comparison: Comparison): Test {
  const { layout, offset } = field;
  const test = testFor(field, comparison);
  const need = layout.kind === "text" ? layout.need : layout.size;
  return (bytes, record, end) => {
    const at = record + offset;
    return at + need <= end && test(bytes, at, end);
  };
}

function testFor({ layout }: FoundField, comparison: Comparison): Test {
  switch (layout.kind) {
    case "text":
      return compareText(layout, comparison);
    case "array":
    case "struct":
      throw validationError(
        "invalid_arguments",
        `Cannot compare "${comparison.field}": it is ${article(layout.kind)}, ` +
          `only single values and text can be compared`,
        { field: comparison.field },
      );
    case "float":
      return compareNumber(layout, comparison);
    default:
      return compareInteger(layout, comparison);
  }
}

function article(kind: "array" | "struct"): string {
  return kind === "array" ? "an array" : "a struct";
}
