// Values for a JSON Schema, at its bounds and past them. Knows the words that our schemas use.
import type { Random } from "./random.ts";

export type Schema = Readonly<Record<string, unknown>>;
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What is said where a schema alone says too little: values by the name of a member. */
export type Words = (random: Random, name: string, place: string) => Json | undefined;

/** Longer values exist at a bound; making them takes longer than anything that is done to them. */
const LONGEST = 5000;
/** Deeper than any stack of ours should go, and not too deep for JSON. */
const DEEPEST = 2000;
const SAFE = Number.MAX_SAFE_INTEGER;

const HOSTILE: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  SAFE,
  "",
  "\u0000",
  "\ud800",
  "\u202e\u001b[31m",
  "__proto__",
  [],
  {},
  [[[]]],
];

export class SchemaValues {
  readonly #random: Random;
  readonly #words: Words;
  /** How many values may still be other than the schema wants. */
  #bends: number;

  constructor(random: Random, words: Words, bends: number) {
    this.#random = random;
    this.#words = words;
    this.#bends = bends;
  }

  /** @param name of the member that holds it @param place the names above, joined by dots */
  value(schema: Schema, name = "", place = ""): Json {
    if (this.#bends > 0 && this.#random.once(5)) {
      this.#bends--;
      return this.#bent(schema, name, place);
    }
    return this.#fitting(schema, name, place);
  }

  #fitting(schema: Schema, name: string, place: string): Json {
    const random = this.#random;
    if ("const" in schema) return asJson(schema.const);
    const list = schema.enum ?? schema.oneOf ?? schema.anyOf;
    if (Array.isArray(list)) {
      const one: unknown = random.pick(list);
      return isSchema(one) ? this.value(one, name, place) : asJson(one);
    }
    if (schema.type !== "object" && schema.type !== "array" && !random.once(8)) {
      const word = this.#words(random, name, place);
      if (word !== undefined) return word;
    }
    switch (schema.type) {
      case "object":
        return this.#object(schema, place);
      case "array":
        return this.#array(schema, name, place);
      case "string":
        return this.#string(schema);
      case "integer":
        return this.#integer(schema);
      case "number":
        return random.pick([0, -1, 0.5, 1e9, 2 ** 53, -1e300]);
      case "boolean":
        return random.once(2);
      default:
        return random.pick(HOSTILE);
    }
  }

  #object(schema: Schema, place: string): Json {
    const random = this.#random;
    const required = Array.isArray(schema.required) ? schema.required : [];
    const fields: Record<string, Json> = {};
    for (const [name, member] of Object.entries(asSchema(schema.properties))) {
      if (!required.includes(name) && !random.once(3)) continue;
      fields[name] = this.value(asSchema(member), name, `${place}.${name}`);
    }
    if (isSchema(schema.additionalProperties) && random.once(2)) {
      const name = random.pick(["burst", "fill_count", "target_pid", "uid", "missing"]);
      fields[name] = this.value(schema.additionalProperties, name, `${place}.*`);
    }
    return fields;
  }

  #array(schema: Schema, name: string, place: string): Json {
    const random = this.#random;
    const [least, most] = [bound(schema.minItems, 0), bound(schema.maxItems, 8)];
    const small = Math.min(most, least + random.below(4));
    const count = random.once(40) ? most : random.once(6) ? least : small;
    const items = asSchema(schema.items);
    return Array.from({ length: count }, () => this.value(items, name, place));
  }

  #string(schema: Schema): string {
    const random = this.#random;
    const [least, most] = [bound(schema.minLength, 0), bound(schema.maxLength, 64)];
    if (typeof schema.pattern === "string") return fittingPattern(random, schema.pattern);
    const longest = Math.min(most, LONGEST);
    const length = random.pick([least, least, longest, Math.min(longest, least + 8)]);
    return "x".repeat(length);
  }

  #integer(schema: Schema): number {
    const random = this.#random;
    const [least, most] = [bound(schema.minimum, 0), bound(schema.maximum, SAFE)];
    const middle = least + random.below(Math.min(most - least, 2 ** 32));
    return random.pick([least, most, Math.min(most, least + 1), middle]);
  }

  /** A value past a bound, of another type, with a member too many or too few. */
  #bent(schema: Schema, name: string, place: string): Json {
    const random = this.#random;
    switch (random.once(3) ? "other" : schema.type) {
      case "integer":
        return random.pick([bound(schema.minimum, 0) - 1, bound(schema.maximum, SAFE) + 1, 1.5]);
      case "string":
        return this.#bentString(schema);
      case "array": {
        const past = bound(schema.maxItems, 8) + 1;
        const item = this.value(asSchema(schema.items), name, place);
        return random.once(3) ? [] : Array.from({ length: past }, () => item);
      }
      case "object":
        return this.#bentObject(schema, name, place);
      default:
        return nested(random, random.pick(HOSTILE));
    }
  }

  #bentString(schema: Schema): string {
    const random = this.#random;
    const most = bound(schema.maxLength, 64);
    const isShort = most <= LONGEST || random.once(400);
    return random.pick(["", "\u0000", "é\u2028\ud800", isShort ? "y".repeat(most + 1) : "/"]);
  }

  #bentObject(schema: Schema, name: string, place: string): Json {
    const random = this.#random;
    const value = this.#fitting(schema, name, place);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const names = Object.keys(value);
    if (random.once(2) && names.length > 0) {
      const { [random.pick(names)]: _, ...rest } = value;
      return rest;
    }
    const extra = random.pick(["extra", "__proto__", "constructor", "map_ids", "Path"]);
    return Object.fromEntries([...Object.entries(value), [extra, random.pick(HOSTILE)]]);
  }
}

function nested(random: Random, value: Json): Json {
  let whole = value;
  for (let depth = random.once(6) ? random.below(DEEPEST) : 0; depth > 0; depth--) whole = [whole];
  return whole;
}

/** A text that fits, for the few patterns that there are; else one that may not. */
function fittingPattern(random: Random, pattern: string): string {
  if (pattern.startsWith("^sha256:")) return `sha256:${"0123456789abcdef".repeat(4)}`;
  if (pattern.startsWith("^[0-9]")) return String(random.u32());
  return random.pick(["fuzz_missing", "fuzz", "f0", "a.b"]);
}

function bound(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asSchema(value: unknown): Schema {
  return isSchema(value) ? value : {};
}

/** Schemas are JSON. */
function asJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}
