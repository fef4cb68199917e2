// Output schemas cut to what tools/list can afford; the whole is in `ebpf-mcp tools NAME --json`.
import type { JsonSchema } from "./json_schema.ts";

/** One tool's share of the 40 KB that tools/list may take, for the names of what it answers. */
export const mostOutputSchemaCharacters = 500;

/** Types, shapes and descriptions are told as long as all of it keeps to this. */
const mostDetailCharacters = 240;

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

/**
 * The mildest cut that fits. What fits the whole schema fits every cut of it, so it stays true. Of
 * the `bare` members only the names are kept.
 */
export function briefSchema(schema: JsonSchema, bare: readonly string[] = []): JsonSchema {
  const whole = bared(schema, bare);
  const detailed = detailedCuts(whole).find((cut) => lengthOf(cut) <= mostDetailCharacters);
  if (detailed !== undefined) return detailed;
  const names = { type: "object" as const, properties: mapValues(membersOf(whole), () => ({})) };
  return lengthOf(names) <= mostOutputSchemaCharacters ? names : { type: "object" };
}

function lengthOf(schema: JsonSchema): number {
  return JSON.stringify(schema).length;
}

function bared(schema: JsonSchema, bare: readonly string[]): JsonSchema {
  const members = membersOf(schema);
  const names = bare.filter((name) => name in members).map((name) => [name, {}]);
  return names.length === 0
    ? schema
    : { ...schema, properties: { ...members, ...Object.fromEntries(names) } };
}

/** From the whole to the types of its members. */
function* detailedCuts(schema: JsonSchema): Generator<JsonSchema> {
  for (const cut of cuts) yield { ...trimMembers(schema, 0, cut), type: "object" };
  yield { type: "object", properties: mapValues(membersOf(schema), typeAlone) };
}

function membersOf({ properties }: JsonSchema): Fields {
  return isFields(properties) ? properties : {};
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
