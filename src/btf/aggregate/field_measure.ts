// Sums, extremes and distributions of one field's values. Columns that ask the same share it.
import type { GroupStore } from "./group_store.ts";
import { CARRY_AT, exactSum, SUM_LIMBS } from "./exact_sum.ts";
import {
  type Counters,
  LINEAR_PAGES,
  linearBuckets,
  log2Buckets,
  quantile,
} from "./distribution.ts";
import { PAGES_SIGNED, PAGES_UNSIGNED } from "./log_linear.ts";
import type { Measure, ShapeBuilder } from "./measure.ts";
import type { NumberClass, NumberSource } from "./number_source.ts";
import { exactInteger, type JsonValue } from "../value.ts";

const classes: readonly NumberClass[] = ["narrow", "wide", "float"];

export class FieldMeasure implements Measure {
  readonly name = null;
  readonly kind: NumberClass;
  readonly #sources: readonly (NumberSource | null)[];
  readonly #signed: boolean;
  readonly #shape: ShapeBuilder;
  readonly #count: number;
  readonly #linear = new Map<number, number>();
  #sum: number | null = null;
  #min: number | null = null;
  #max: number | null = null;
  #buckets: number | null = null;

  /** @param sources by event type; null for those that are left out */
  constructor(sources: readonly (NumberSource | null)[], shape: ShapeBuilder) {
    const kinds = sources.map((source) => source === null ? 0 : classes.indexOf(source.kind));
    this.kind = classes[Math.max(...kinds)];
    this.#signed = sources.some((source) => source?.signed === true);
    this.#sources = sources;
    this.#shape = shape;
    this.#count = shape.doubles(0);
  }

  clear(): void {}

  /** Asks for what `sum` and `mean` tell. */
  wantSum(): void {
    this.#sum ??= this.#shape.doubles(...new Array<number>(SUM_LIMBS).fill(0));
  }

  wantMin(): void {
    this.#min ??= this.#shape.doubles(Infinity, 0);
  }

  wantMax(): void {
    this.#max ??= this.#shape.doubles(-Infinity, 0);
  }

  /** Asks for what `quantile` and `log2` tell. */
  wantBuckets(): void {
    this.#buckets ??= this.#shape.pages(this.#pages);
  }

  wantLinear(step: number): void {
    if (!this.#linear.has(step)) this.#linear.set(step, this.#shape.pages(LINEAR_PAGES));
  }

  get #pages(): number {
    return this.#signed ? PAGES_SIGNED : PAGES_UNSIGNED;
  }

  source(type: number): string {
    const field = this.#sources[type];
    if (field === null) return "";
    const body = { narrow: this.#narrow(), wide: this.#wide(), float: this.#float() }[this.kind];
    return `if(end>=at+${field.need}){${field.source}{${this.#widen(field.kind)}${body}}}`;
  }

  /** From what one type's field is to what all are taken as. */
  #widen(from: NumberClass): string {
    if (from === this.kind) return "";
    if (this.kind === "wide") return "const lo=v>>>0,hi=v<0?-1:0;";
    return from === "wide" ? "const v=hi*4294967296+lo;" : "";
  }

  #narrow(): string {
    const [sum, min, max] = [this.#sum, this.#min, this.#max];
    const bucket = this.#signed ? "bucketOfSigned32" : "bucketOf32";
    return `x[b+${this.#count}]++;` +
      (sum === null ? "" : `x[b+${sum}]+=v;` + carried(sum, [sum])) +
      (min === null ? "" : `if(v<x[b+${min}])x[b+${min}]=v;`) +
      (max === null ? "" : `if(v>x[b+${max}])x[b+${max}]=v;`) +
      (this.#buckets === null ? "" : `store.place(g,${this.#buckets},${bucket}(v));`) +
      this.#linearSource("v");
  }

  #wide(): string {
    const [sum, min, max] = [this.#sum, this.#min, this.#max];
    const bucket = this.#signed ? "bucketOfSigned64" : "bucketOf64";
    const extreme = (at: number, sign: string) =>
      `if(hi${sign}x[b+${at}]||(hi===x[b+${at}]&&lo${sign}x[b+${at + 1}]))` +
      `{x[b+${at}]=hi;x[b+${at + 1}]=lo;}`;
    const added = `x[b+${sum}]+=lo;x[b+${Number(sum) + 1}]+=hi;`;
    return `x[b+${this.#count}]++;` +
      (sum === null ? "" : added + carried(sum, [sum, sum + 1])) +
      (min === null ? "" : extreme(min, "<")) +
      (max === null ? "" : extreme(max, ">")) +
      (this.#buckets === null ? "" : `store.place(g,${this.#buckets},${bucket}(lo,hi));`) +
      this.#linearSource("(hi*4294967296+lo)");
  }

  #float(): string {
    const [sum, min, max] = [this.#sum, this.#min, this.#max];
    return `if(v===v){x[b+${this.#count}]++;` +
      (sum === null ? "" : `x[b+${sum}]+=v;`) +
      (min === null ? "" : `if(v<x[b+${min}])x[b+${min}]=v;`) +
      (max === null ? "" : `if(v>x[b+${max}])x[b+${max}]=v;`) +
      `${this.#linearSource("v")}}`;
  }

  #linearSource(value: string): string {
    return [...this.#linear].map(([step, page]) => {
      return `store.place(g,${page},Math.min(127,Math.max(0,Math.floor(${value}/${step})+1)));`;
    }).join("");
  }

  sum(store: GroupStore, group: number): number | bigint {
    const at = group * store.stride + Number(this.#sum);
    return this.kind === "float" ? store.values[at] : exactSum(store.values, at);
  }

  /** Null when there is no value. */
  mean(store: GroupStore, group: number): number | null {
    const count = store.values[group * store.stride + this.#count];
    return count === 0 ? null : Number((Number(this.sum(store, group)) / count).toPrecision(9));
  }

  min(store: GroupStore, group: number): number | bigint | null {
    return this.#extreme(store, group, Number(this.#min));
  }

  max(store: GroupStore, group: number): number | bigint | null {
    return this.#extreme(store, group, Number(this.#max));
  }

  #extreme(store: GroupStore, group: number, place: number): number | bigint | null {
    const start = group * store.stride;
    if (store.values[start + this.#count] === 0) return null;
    const value = store.values[start + place];
    if (this.kind !== "wide") return value;
    return (BigInt(value) << 32n) + BigInt(store.values[start + place + 1]);
  }

  quantile(store: GroupStore, group: number, share: number): bigint | null {
    return quantile(store, group, { first: Number(this.#buckets), count: this.#pages }, share);
  }

  log2(store: Counters, group: number): JsonValue {
    return log2Buckets(store, group, { first: Number(this.#buckets), count: this.#pages });
  }

  linear(store: Counters, group: number, step: number): JsonValue {
    return linearBuckets(store, group, this.#linear.get(step) ?? 0, step);
  }
}

function carried(sum: number, limbs: readonly number[]): string {
  const full = limbs.map((at) => `x[b+${at}]>=${CARRY_AT}||x[b+${at}]<=${-CARRY_AT}`);
  return `if(${full.join("||")})carry(x,b+${sum});`;
}

/** A number as answers show it. */
export function shown(value: number | bigint | null): JsonValue {
  if (typeof value === "bigint") return exactInteger(value);
  return value === null || Number.isFinite(value) ? value : String(value);
}
