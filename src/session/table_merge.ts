// One value of a per-CPU map's element: what each CPU counted, put together field by field.
import type { Btf } from "../btf/btf.ts";
import type { JsonObject, JsonValue } from "../btf/decode.ts";
import type { TypeId } from "../btf/kind.ts";
import type { Layout } from "../btf/layout.ts";
import { layoutOf } from "../btf/layout_builder.ts";
import { exactInteger } from "../btf/value.ts";
import type { FieldMerge } from "../gadgets/field.ts";

type Merge = FieldMerge | "sum";

/** Puts two values of one type together. */
export type Merger = (one: JsonValue, other: JsonValue) => JsonValue;

/**
 * Adds up numbers, arrays element by element and structs field by field; of texts, pointers and
 * the names of an enum the first that says something counts.
 * @param how the fields that are not added up, by name
 */
export function compileMerger(
  btf: Btf,
  type: TypeId,
  how: Readonly<Record<string, FieldMerge | undefined>>,
): Merger {
  return mergerOf(layoutOf(btf, type), "sum", how);
}

function mergerOf(
  layout: Layout,
  merge: Merge,
  how: Readonly<Record<string, FieldMerge | undefined>>,
): Merger {
  switch (layout.kind) {
    case "int":
    case "bits":
      return numbers[merge];
    case "float":
      return (one, other) => Number(one) + Number(other);
    case "bool":
      return (one, other) => one === true || other === true;
    case "array": {
      const element = mergerOf(layout.element, merge, how);
      return (one, other) => {
        if (!Array.isArray(one) || !Array.isArray(other)) return one;
        return one.map((value, index) => element(value, other[index] ?? null));
      };
    }
    case "struct": {
      const fields = layout.fields.map((field) => {
        const own = Object.hasOwn(how, field.name) ? how[field.name] : undefined;
        return { name: field.name, merger: mergerOf(field.layout, own ?? merge, how) };
      });
      return (one, other) => {
        if (!isObject(one) || !isObject(other)) return one;
        const merged: JsonObject = {};
        for (const { name, merger } of fields) {
          merged[name] = merger(one[name] ?? null, other[name] ?? null);
        }
        return merged;
      };
    }
    default:
      return (one, other) => one === "" || one === 0 || one === null || one === "0x0" ? other : one;
  }
}

const numbers: Readonly<Record<Merge, Merger>> = {
  sum(one, other) {
    if (typeof one === "number" && typeof other === "number") {
      const sum = one + other;
      if (Number.isSafeInteger(sum)) return sum;
    }
    return exactInteger(integer(one) + integer(other));
  },
  max(one, other) {
    return integer(one) >= integer(other) ? one : other;
  },
  min(one, other) {
    const [a, b] = [integer(one), integer(other)];
    if (a === 0n || b === 0n) return a === 0n ? other : one;
    return a <= b ? one : other;
  },
};

/** A number, or the decimal text of one that a double does not hold. */
export function integer(value: JsonValue): bigint {
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : 0n;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
