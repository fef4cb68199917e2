// Input schemas as tools/list gives them: what a caller must know to write arguments. How long a
// text may be and what it must look like is said by the refusal of one that is not so, and by
// `ebpf-mcp tools NAME --json`.
import { type Fields, flatten, isFields } from "./flat_union.ts";
import type { JsonSchema } from "./json_schema.ts";

/** Bounds of texts, which take more room than they teach. */
const dropped = new Set(["minLength", "maxLength", "pattern", "minItems"]);

/** A lower bound that everybody expects, and upper ones that nobody reaches by accident. */
const expectedMinimum = 1;
const farMaximum = 1 << 20;
const farItems = 8;

/** A longer list by default is told in words. */
const mostDefaults = 4;

/** Where schemas lie in a schema: members by name, one, or a list of branches. */
const members = new Set(["properties"]);
const single = new Set(["items", "additionalProperties"]);
const branches = new Set(["anyOf", "oneOf", "allOf"]);

/** The schema without them. Whatever fits the whole schema fits this one. */
export function briefInput(schema: JsonSchema): JsonSchema {
  return { ...brief(schema), type: "object" };
}

function brief(schema: Fields): Fields {
  const kept = Object.entries(schema).filter(([name, value]) => {
    if (dropped.has(name) || teachesNothing(name, value)) return false;
    if (name === "additionalProperties") return !isImplied(value);
    // "const" and "enum" show the type
    return name !== "type" || !("const" in schema || "enum" in schema);
  });
  return flatten(
    Object.fromEntries(kept.map(([name, value]) => [name, briefMember(name, value)])),
  );
}

/** A record's values of any kind, and that an object takes no other members: no tool does. */
function isImplied(additional: unknown): boolean {
  return additional === false || isFields(additional) && Object.keys(additional).length === 0;
}

function teachesNothing(name: string, value: unknown): boolean {
  if (name === "minimum") return value === 0 || value === expectedMinimum;
  if (name === "default") return value === false || isLong(value);
  if (name === "maximum") return Number(value) >= farMaximum;
  return name === "maxItems" && Number(value) >= farItems;
}

function isLong(value: unknown): boolean {
  return Array.isArray(value) && value.length > mostDefaults;
}

function briefMember(name: string, value: unknown): unknown {
  if (branches.has(name) && Array.isArray(value)) return value.map(inside);
  if (single.has(name)) return inside(value);
  if (!members.has(name) || !isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inside(member)]));
}

function inside(schema: unknown): unknown {
  return isFields(schema) ? brief(schema) : schema;
}
