// Sums events up as they come, from their raw bytes: code made for the types and the columns that
// were asked for, counting in typed arrays. Nothing is decoded before somebody asks for the answer.
import { validationError } from "../../errors.ts";
import type { Btf } from "../btf.ts";
import { findField, hasField, unknownField } from "../fields.ts";
import type { TypeId } from "../kind.ts";
import type { StructLayout } from "../layout.ts";
import { structLayoutOf } from "../layout_builder.ts";
import { anySet, bigBits, float, signedBits, unsignedBits } from "../value.ts";
import { type CheckedSpec, checkSpec } from "./check_spec.ts";
import { ColumnBuilder } from "./columns.ts";
import { carry } from "./exact_sum.ts";
import { GroupStore, store_limits, type StoreLimits } from "./group_store.ts";
import { type KeyField, keyField } from "./key_field.ts";
import { bytesToWords, textsToWords, textToWords, wordsToWords } from "./key_words.ts";
import { bucketOf32, bucketOf64, bucketOfSigned32, bucketOfSigned64 } from "./log_linear.ts";
import type { Measure } from "./measure.ts";
import { type AggregateReport, GroupReader, report } from "./report.ts";
import type { AggregateSpec } from "./spec.ts";
import { type Spread, spreadOf } from "./spread.ts";

/**
 * Counts the record of `length` bytes at byte `at`, a multiple of 4; the three are the same memory.
 */
export type Adder = (
  u8: Uint8Array,
  u32: Uint32Array,
  i32: Int32Array,
  at: number,
  length: number,
) => void;

/** A type that records may have. */
export interface AddedType {
  readonly name: string;
  readonly typeId: TypeId;
  readonly size: number;
  /** Whether records may be longer than `size`. */
  readonly flexible: boolean;
}

export interface Aggregator {
  /** By type; null for types that lack a field that was asked for. */
  readonly adders: readonly (Adder | null)[];
  /** Of records of no known type; null when a field was asked for. */
  readonly untyped: Adder | null;
  /** What was counted since the last call, and begins anew. */
  take(): AggregateReport;
  /** How the values are spread that `take` would tell of; null without a histogram. */
  spread(): Spread | null;
}

export interface AggregatorOptions {
  readonly limits?: StoreLimits;
  /** Any number that is not known to whoever writes the records. */
  readonly seed?: number;
}

const runtime = {
  anySet,
  bigBits,
  bucketOf32,
  bucketOf64,
  bucketOfSigned32,
  bucketOfSigned64,
  bytesToWords,
  carry,
  float,
  signedBits,
  textsToWords,
  textToWords,
  unsignedBits,
  wordsToWords,
};

/**
 * @param types that records may have; of those, the ones that lack a field are left out
 * @throws validation/unknown_field when no type has the fields, naming those there are;
 *   validation/invalid_arguments for a spec or a field that nothing can be computed of
 */
export function compileAggregator(
  btf: Btf | null,
  types: readonly AddedType[],
  spec: AggregateSpec,
  options: AggregatorOptions = {},
): Aggregator {
  const checked = checkSpec(spec);
  const paths = pathsOf(checked);
  const structs = types.map((type): StructLayout | null => {
    if (btf === null) return null;
    return hasAll(btf, type, paths) ? structLayoutOf(btf, type.typeId) : null;
  });
  const isTimed = checked.columns.some(({ computed }) => computed.op === "rate");
  const isUntyped = paths.length === 0 && !isTimed;
  if (!isUntyped && structs.every((struct) => struct === null)) throw lacking(btf, types, paths);
  const builder = new ColumnBuilder(structs);
  const columns = checked.columns.map((column) => builder.column(column));
  const keys = structs.map((struct) => {
    return struct === null ? [] : checked.by.map((path) => keyField(findField(struct, path)));
  });
  const forms = new Forms(keys);
  const { measures } = builder;
  const store = new GroupStore(
    builder.shape.build(),
    options.limits ?? store_limits,
    options.seed ?? 0,
  );
  const reader = new GroupReader(checked, columns, forms.readers);
  return {
    adders: types.map((type, index) => {
      if (structs[index] === null) return null;
      const code = { keys: keys[index], form: forms.indexOf(keys[index]), measures };
      return compileAdder(store, type, index, code);
    }),
    untyped: isUntyped ? countUntyped(store) : null,
    take() {
      const taken = report(reader, store);
      store.clear();
      for (const measure of measures) measure.clear();
      return taken;
    },
    spread: () => spreadOf(columns, store),
  };
}

function pathsOf({ by, columns }: CheckedSpec): string[] {
  return [...by, ...columns.flatMap(({ computed }) => computed.field ?? [])];
}

function hasAll(btf: Btf, { typeId }: AddedType, paths: readonly string[]): boolean {
  return paths.every((path) => hasField(btf, typeId, path));
}

function lacking(btf: Btf | null, types: readonly AddedType[], paths: readonly string[]): Error {
  const [only] = types;
  if (btf === null || only === undefined) {
    return validationError(
      "unknown_field",
      `Cannot aggregate by ${quoted(paths)}: the type of the events is not known`,
      { hint: "Name the struct of the events as event_type, or count without fields" },
    );
  }
  if (types.length === 1) {
    const missing = paths.find((path) => !hasField(btf, only.typeId, path)) ?? "";
    return unknownField(structLayoutOf(btf, only.typeId), missing);
  }
  const known = types.map(({ name, typeId }) => ({
    event_type: name,
    fields: structLayoutOf(btf, typeId).fields.map((field) => field.name),
  }));
  return validationError(
    "unknown_field",
    `Cannot aggregate by ${quoted(paths)}: no event type has the fields`,
    { event_types: known, hint: "Use the fields of one type; others count as filtered" },
  );
}

function quoted(paths: readonly string[]): string {
  return [...new Set(paths)].map((path) => `"${path}"`).join(" and ");
}

/** Numbers the ways in which keys are put together: types that share one share groups. */
class Forms {
  readonly readers: (readonly KeyField[])[] = [];
  readonly #names: string[] = [];

  constructor(keys: readonly (readonly KeyField[])[]) {
    for (const fields of keys) {
      const name = nameOf(fields);
      if (this.#names.includes(name)) continue;
      this.#names.push(name);
      this.readers.push(fields);
    }
  }

  indexOf(fields: readonly KeyField[]): number {
    return this.#names.indexOf(nameOf(fields));
  }
}

function nameOf(fields: readonly KeyField[]): string {
  return fields.map(({ form }) => form).join();
}

interface AdderCode {
  readonly keys: readonly KeyField[];
  readonly form: number;
  readonly measures: readonly Measure[];
}

function compileAdder(
  store: GroupStore,
  type: AddedType,
  index: number,
  { keys, form, measures }: AdderCode,
): Adder {
  const names = Object.keys(runtime).join(",");
  const own = measures.filter(({ name }) => name !== null);
  const gather = keys.map(({ need, source }, bit) => {
    return `if(end>=at+${need}){p|=${1 << bit};${source}}`;
  });
  const source = `"use strict";const {${names}}=runtime;
const [${own.map(({ name }) => name).join(",")}]=own;const {key}=store;
return (u8,u32,i32,at,length)=>{
const end=at+${type.flexible ? "length" : `Math.min(length,${type.size})`};
let n=1,p=${form << 8};
${gather.join("\n")}
key[0]=p;
const g=store.find(n),b=g*${store.stride},x=store.values;
x[b]++;
${measures.map((measure) => measure.source(index)).join("\n")}
};`;
  const compiled: unknown = new Function("runtime", "own", "store", source)(runtime, own, store);
  if (!isAdder(compiled)) throw new TypeError("what was compiled is no function");
  return compiled;
}

function isAdder(value: unknown): value is Adder {
  return typeof value === "function";
}

/** Without a key all records are one group. */
function countUntyped(store: GroupStore): Adder {
  return () => {
    store.key[0] = 0;
    store.values[store.find(1) * store.stride]++;
  };
}
