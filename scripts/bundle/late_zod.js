// Stands in for zod in the executable: a schema is made when it is first used, not when the module
// that names it is loaded. The SDK and our tools name 900 schemas and `initialize` uses few of
// them: 17 of 85 ms of processor time, and more with each tool. A part of zod that is missing below
// and in zod.ts fails the build.
import * as zod from "whole-zod";
export * from "whole-zod";

/** Methods that make a schema of a schema. Any other use of a late schema makes it. */
const builders = new Set([
  "and",
  "array",
  "catch",
  "catchall",
  "datetime",
  "default",
  "describe",
  "email",
  "extend",
  "int",
  "length",
  "loose",
  "max",
  "merge",
  "meta",
  "min",
  "nonnegative",
  "nullable",
  "nullish",
  "omit",
  "optional",
  "or",
  "partial",
  "passthrough",
  "pick",
  "pipe",
  "positive",
  "readonly",
  "refine",
  "regex",
  "startsWith",
  "strict",
  "superRefine",
  "transform",
  "url",
]);

/** Asks a late schema for the schema itself. */
const made = Symbol("made");

class Late {
  #make;
  #schema = null;
  /** The members of an object schema, late themselves: so `...a.shape` makes nothing. */
  fields;

  constructor(make, fields) {
    this.#make = make;
    this.fields = fields;
  }

  get schema() {
    if (this.#make !== null) {
      this.#schema = this.#make();
      this.#make = null;
    }
    return this.#schema;
  }
}

const traps = {
  get(late, name) {
    if (name === made) return late.schema;
    if (late.fields !== undefined) {
      if (name === "shape") return late.fields;
      if (name === "_zod") return internals(late);
    }
    if (builders.has(name)) return (...given) => build(late, name, given);
    const member = late.schema[name];
    return typeof member === "function" ? member.bind(late.schema) : member;
  },
  has: (late, name) => name === made || name in late.schema,
  getPrototypeOf: (late) => Object.getPrototypeOf(late.schema),
};

/**
 * The SDK reads `_zod.def.shape.method` of each request that is served: that makes nothing. What
 * else it asks of `_zod` is the schema's own.
 */
function internals(late) {
  const def = beside("shape", late.fields, () => late.schema._zod.def);
  return beside("def", def, () => late.schema._zod);
}

/** An object as it is, but for one member. */
function beside(name, member, whole) {
  return new Proxy({}, {
    get: (_, asked) => asked === name ? member : whole()[asked],
    has: (_, asked) => asked in whole(),
    set: (_, asked, value) => Reflect.set(whole(), asked, value),
  });
}

function delay(make, fields) {
  return new Proxy(new Late(make, fields), traps);
}

function build(late, method, given) {
  const make = () => late.schema[method](...given.map(whole));
  return delay(make, fieldsAfter(late.fields, method, given));
}

function fieldsAfter(fields, method, [given]) {
  if (fields === undefined) return undefined;
  if (method === "extend") return { ...fields, ...given };
  return method === "describe" || method === "strict" ? fields : undefined;
}

/** The value with every late schema in it made. Getters of a shape stay getters. */
function whole(given) {
  if (typeof given !== "object" || given === null) return given;
  if (Array.isArray(given)) return given.map(whole);
  const prototype = Object.getPrototypeOf(given);
  if (prototype !== Object.prototype && prototype !== null) return given[made] ?? given;
  const copy = {};
  for (const name of Object.keys(given)) {
    const { get, value } = Object.getOwnPropertyDescriptor(given, name);
    const property = get === undefined
      ? { value: whole(value), writable: true }
      : { get: () => whole(get.call(copy)) };
    Object.defineProperty(copy, name, { ...property, enumerable: true, configurable: true });
  }
  return copy;
}

const late = (make) => (...given) => delay(() => make(...given.map(whole)));
const lateObject = (make) => (fields, ...rest) => {
  return delay(() => make(whole(fields), ...rest.map(whole)), fields);
};

export const any = late(zod.any);
export const array = late(zod.array);
export const bigint = late(zod.bigint);
export const boolean = late(zod.boolean);
export const coerce = { number: late(zod.coerce.number) };
export const custom = late(zod.custom);
export const discriminatedUnion = late(zod.discriminatedUnion);
const enum_ = late(zod.enum);
export const int = late(zod.int);
export const intersection = late(zod.intersection);
export const iso = { datetime: late(zod.iso.datetime) };
export const lazy = late((inner) => zod.lazy(() => whole(inner())));
export const literal = late(zod.literal);
export const looseObject = lateObject(zod.looseObject);
export const never = late(zod.never);
const null_ = late(zod.null);
export const nullable = late(zod.nullable);
export const number = late(zod.number);
export const object = lateObject(zod.object);
export const optional = late(zod.optional);
export const preprocess = late(zod.preprocess);
export const record = late(zod.record);
export const strictObject = lateObject(zod.strictObject);
export const string = late(zod.string);
export const tuple = late(zod.tuple);
export const union = late(zod.union);
export const unknown = late(zod.unknown);
export { enum_ as enum, null_ as null };

export function toJSONSchema(schema, ...rest) {
  return zod.toJSONSchema(whole(schema), ...rest);
}
