// Input schemas as tools/list gives them: what a caller must know to write arguments. How long a
// text may be and what it must look like is said by the refusal of one that is not so, and by
// `ebpf-mcp tools NAME --json`.
import type { JsonSchema } from "./json_schema.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Bounds of texts, which take more room than they teach. */
const dropped = new Set(["minLength", "maxLength", "pattern", "minItems"]);

/** Where schemas lie in a schema: members by name, one, or a list of branches. */
const members = new Set(["properties"]);
const single = new Set(["items", "additionalProperties"]);
const branches = new Set(["anyOf", "oneOf", "allOf"]);

/** The schema without them. Whatever fits the whole schema fits this one. */
export function briefInput(schema: JsonSchema): JsonSchema {
  return { ...brief(schema, "whole"), type: "object" };
}

function brief(schema: Fields, where: "whole" | "inside"): Fields {
  const kept = Object.entries(schema).filter(([name, value]) => {
    if (dropped.has(name)) return false;
    if (name === "additionalProperties") return where === "whole" || value !== false;
    // "const" and "enum" show the type
    return name !== "type" || !("const" in schema || "enum" in schema);
  });
  return Object.fromEntries(kept.map(([name, value]) => [name, briefMember(name, value)]));
}

function briefMember(name: string, value: unknown): unknown {
  if (branches.has(name) && Array.isArray(value)) return value.map(inside);
  if (single.has(name)) return inside(value);
  if (!members.has(name) || !isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inside(member)]));
}

function inside(schema: unknown): unknown {
  return isFields(schema) ? brief(schema, "inside") : schema;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
