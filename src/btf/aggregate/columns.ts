// From the columns that were asked for to measures and to what they say.
import { validationError } from "../../errors.ts";
import { findField, type FoundField } from "../fields.ts";
import type { StructLayout } from "../layout.ts";
import type { NamedColumn } from "./check_spec.ts";
import { FieldMeasure, shown } from "./field_measure.ts";
import { OTHER } from "./group_store.ts";
import { KeptMeasure } from "./kept_measure.ts";
import { type Column, type Measure, ShapeBuilder } from "./measure.ts";
import { numberSource } from "./number_source.ts";
import { RateMeasure } from "./rate_measure.ts";
import { aggregate_defaults } from "./spec.ts";
import { timeField } from "./time_field.ts";

const shares = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

/** Makes the columns of one aggregate, over event types that all have their fields. */
export class ColumnBuilder {
  readonly shape = new ShapeBuilder();
  readonly #structs: readonly (StructLayout | null)[];
  readonly #measures: Measure[] = [];
  readonly #fields = new Map<string, FieldMeasure>();

  /** @param structs by event type; null for those that are left out */
  constructor(structs: readonly (StructLayout | null)[]) {
    this.#structs = structs;
  }

  /** What the columns so far measure. */
  get measures(): readonly Measure[] {
    return this.#measures;
  }

  /** @throws validation/invalid_arguments for fields that cannot be computed with */
  column({ name, computed }: NamedColumn): Column {
    const { op, field = "" } = computed;
    switch (op) {
      case "count":
        return ordered(name, (store, group) => store.values[group * store.stride]);
      case "sum":
      case "avg":
      case "min":
      case "max":
        return this.#simple(name, op, field);
      case "hist":
        return this.#histogram(name, field, computed.step);
      case "rate":
        return this.#rate(name, computed.field, computed.interval_ms);
      case "first":
      case "last":
        return this.#kept(name, field, op);
      default: {
        const measure = this.#field(field, op);
        measure.wantBuckets();
        return ordered(name, (store, group) => measure.quantile(store, group, shares[op]));
      }
    }
  }

  #simple(name: string, op: "sum" | "avg" | "min" | "max", field: string): Column {
    const measure = this.#field(field, op);
    switch (op) {
      case "min":
        measure.wantMin();
        return ordered(name, (store, group) => measure.min(store, group));
      case "max":
        measure.wantMax();
        return ordered(name, (store, group) => measure.max(store, group));
      case "sum":
        measure.wantSum();
        return ordered(name, (store, group) => measure.sum(store, group));
      case "avg":
        measure.wantSum();
        return ordered(name, (store, group) => measure.mean(store, group));
    }
  }

  #histogram(name: string, field: string, step: number | undefined): Column {
    const measure = this.#field(field, "hist");
    if (step === undefined) {
      measure.wantBuckets();
      return {
        name,
        value: (store, group) => measure.log2(store, group),
        spread: (all) => measure.log2(all, 0),
      };
    }
    measure.wantLinear(step);
    return {
      name,
      value: (store, group) => measure.linear(store, group, step),
      spread: (all) => measure.linear(all, 0, step),
    };
  }

  #rate(name: string, field: string | undefined, intervalMs: number | undefined): Column {
    const sources = this.#structs.map((struct) => {
      return struct && numberSource(findField(struct, field ?? timeField(struct)), "rate");
    });
    const interval = intervalMs ?? aggregate_defaults.interval_ms;
    const id = `measure${this.#measures.length}`;
    const measure = new RateMeasure(id, sources, interval, this.shape);
    this.#measures.push(measure);
    return { name, value: (store, group) => group === OTHER ? null : measure.value(store, group) };
  }

  #kept(name: string, field: string, which: "first" | "last"): Column {
    const found = this.#structs.map((struct): FoundField | null => {
      return struct && findField(struct, field);
    });
    const measure = new KeptMeasure(`measure${this.#measures.length}`, found, which, this.shape);
    this.#measures.push(measure);
    return { name, value: (store, group) => measure.value(store, group) };
  }

  /** The one measure of a field's numbers. */
  #field(path: string, op: string): FieldMeasure {
    const sources = this.#structs.map((struct) => {
      return struct && numberSource(findField(struct, path), op);
    });
    const known = this.#fields.get(path);
    const measure = known ?? new FieldMeasure(sources, this.shape);
    if (known === undefined) {
      this.#fields.set(path, measure);
      this.#measures.push(measure);
    }
    requireIntegers(measure, path, op);
    return measure;
  }
}

/** Buckets are of integers. @throws validation/invalid_arguments */
function requireIntegers(measure: FieldMeasure, path: string, op: string): void {
  if (measure.kind !== "float" || ["sum", "avg", "min", "max"].includes(op)) return;
  throw validationError(
    "invalid_arguments",
    `Cannot compute ${op} of "${path}": it is a floating point number`,
    { arguments: ["aggregate.compute"], field: path, hint: "sum, avg, min and max take it" },
  );
}

function ordered(name: string, value: NonNullable<Column["order"]>): Column {
  return { name, order: value, value: (store, group) => shown(value(store, group)) };
}
