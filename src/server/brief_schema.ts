// Output schemas cut to what tools/list can afford; the whole is in `ebpf-mcp tools NAME --json`.
import type { JsonSchema } from "./json_schema.ts";

/** One tool's share of the 40 KB that tools/list may take. */
export const mostOutputSchemaCharacters = 500;

/** How much a cut takes away, from nothing to everything inside the members. */
interface Cut {
  /** Descriptions of members deeper than this go. */
  readonly describedDepth: number;
  /** Objects this deep become just objects. */
  readonly shapedDepth: number;
}

const cuts: readonly Cut[] = [
  { describedDepth: Infinity, shapedDepth: Infinity },
  { describedDepth: 1, shapedDepth: Infinity },
  { describedDepth: 1, shapedDepth: 3 },
  { describedDepth: 1, shapedDepth: 2 },
  { describedDepth: 0, shapedDepth: 2 },
  { describedDepth: 0, shapedDepth: 1 },
];

/** The mildest cut that fits. What fits the whole schema fits every cut of it, so it stays true. */
export function briefSchema(schema: JsonSchema): JsonSchema {
  let brief = schema;
  for (const candidate of candidates(schema)) {
    brief = candidate;
    if (JSON.stringify(brief).length <= mostOutputSchemaCharacters) break;
  }
  return brief;
}

/** From the whole to the names of its members, and nothing of them when even those are many. */
function* candidates(schema: JsonSchema): Generator<JsonSchema> {
  for (const cut of cuts) yield { ...trimMembers(schema, 0, cut), type: "object" };
  const members = isFields(schema.properties) ? schema.properties : {};
  yield { type: "object", properties: mapValues(members, typeAlone) };
  yield { type: "object", properties: mapValues(members, () => ({})) };
  yield { type: "object" };
}

/** A member without everything but its type; the empty schema, which takes all, without one. */
function typeAlone(member: unknown): Fields {
  return isFields(member) && "type" in member ? { type: member.type } : {};
}

function trim(schema: unknown, depth: number, cut: Cut): unknown {
  if (!isFields(schema)) return schema;
  if (schema.type === "object" && depth >= cut.shapedDepth) return { type: "object" };
  return trimMembers(schema, depth, cut);
}

function trimMembers(schema: Fields, depth: number, cut: Cut): Fields {
  const kept = Object.entries(schema)
    .filter(([name]) => name !== "description" || depth <= cut.describedDepth)
    .map(([name, value]) => [name, trimMember(name, value, depth, cut)]);
  return Object.fromEntries(kept);
}

function trimMember(name: string, value: unknown, depth: number, cut: Cut): unknown {
  switch (name) {
    case "properties":
      return isFields(value) ? mapValues(value, (member) => trim(member, depth + 1, cut)) : value;
    case "items":
    case "additionalProperties":
      return trim(value, depth, cut);
    case "anyOf":
    case "oneOf":
      return Array.isArray(value) ? value.map((branch) => trim(branch, depth, cut)) : value;
    default:
      return value;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(fields: Fields, change: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));
}
