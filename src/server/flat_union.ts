// Unions in less room. Of types alone: a list of types. Of objects: one object with each member
// once, and who takes which in a line that reads like signatures. What fits the union fits what is
// written here.

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Branch {
  readonly properties: Fields;
  readonly required: readonly unknown[];
}

/** The schema in less room; itself when it is no such union. */
export function flatten(schema: Fields): Fields {
  const { oneOf, anyOf, ...rest } = schema;
  const union = oneOf ?? anyOf;
  if (!Array.isArray(union) || union.length < 2) return schema;
  const types = union.map(typeAlone);
  if (!types.includes(null)) return { ...rest, type: types };
  const branches = union.map(asBranch).filter((branch) => branch !== null);
  if (branches.length < union.length) return schema;
  const tag = tagOf(branches);
  const line = branches.map((branch) => signature(branch, tag)).join(tag === null ? " or " : ", ");
  const description = typeof rest.description === "string" ? `${rest.description}: ${line}` : line;
  const members = merged(branches, tag);
  if (tag === null) return { ...rest, type: "object", description, properties: members };
  const tags = branches.flatMap(({ properties }) => choices(properties[tag]) ?? []);
  const properties = { [tag]: { enum: tags }, ...members };
  return { ...rest, type: "object", description, properties, required: [tag] };
}

/** The type of a branch that says nothing else. */
function typeAlone(schema: unknown): string | null {
  if (!isFields(schema) || Object.keys(schema).length > 1) return null;
  return typeof schema.type === "string" ? schema.type : null;
}

function asBranch(schema: unknown): Branch | null {
  if (!isFields(schema) || schema.type !== "object" || !isFields(schema.properties)) return null;
  const { required } = schema;
  return { properties: schema.properties, required: Array.isArray(required) ? required : [] };
}

/** The member that every branch needs and that names its choices in every branch. */
function tagOf(branches: readonly Branch[]): string | null {
  const names = Object.keys(branches[0]?.properties ?? {});
  return names.find((name) =>
    branches.every(({ properties, required }) =>
      required.includes(name) && choices(properties[name]) !== null
    )
  ) ?? null;
}

function choices(schema: unknown): readonly unknown[] | null {
  if (!isFields(schema)) return null;
  if ("const" in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : null;
}

/** `xdp(interface, mode?)`: a member with "?" may be left out. Without a tag `(path)`. */
function signature({ properties, required }: Branch, tag: string | null): string {
  const names = Object.keys(properties).filter((name) => name !== tag)
    .map((name) => required.includes(name) ? name : `${name}?`);
  const choice = tag === null ? "" : (choices(properties[tag]) ?? []).join("|");
  return names.length === 0 ? choice : `${choice}(${names.join(", ")})`;
}

function merged(branches: readonly Branch[], tag: string | null): Fields {
  const all = branches.flatMap(({ properties }) => Object.entries(properties));
  const byName = Map.groupBy(all.filter(([name]) => name !== tag), ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, uses]) => [name, mergedMember(uses.map(([, schema]) => schema))]),
  );
}

/** The one schema that all branches have; otherwise the type that they share and what each says. */
function mergedMember(schemas: readonly unknown[]): unknown {
  const [first] = schemas;
  if (new Set(schemas.map((schema) => JSON.stringify(schema))).size === 1) return first;
  const fields = schemas.filter(isFields);
  const types = new Set(fields.map(({ type }) => type));
  const said = new Set(fields.map(({ description }) => description));
  const texts = [...said].filter((text) => typeof text === "string");
  return {
    ...(types.size === 1 && isFields(first) && "type" in first ? { type: first.type } : {}),
    ...(texts.length === 0 ? {} : { description: texts.join("; or: ") }),
  };
}
