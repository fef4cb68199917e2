// The members of a JSON Schema object as rows: name, type, bounds and description.

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly need: "required" | "optional";
  readonly doc: string;
}

/** One row for each member; members of a union's branches are written as `name (branch)`. */
export function fieldsOf(schema: unknown): Field[] {
  const required = member(schema, "required");
  return Object.entries(record(member(schema, "properties"))).map(([name, value]) => ({
    name,
    type: typeOf(value),
    need: Array.isArray(required) && required.includes(name) ? "required" : "optional",
    doc: docOf(value),
  }));
}

function docOf(schema: unknown): string {
  const description = member(schema, "description");
  const fallback = member(schema, "default");
  const text = typeof description === "string" ? description : "";
  if (fallback === undefined) return text;
  return `${text}${text === "" ? "" : " "}(default ${JSON.stringify(fallback)})`;
}

/** `integer 1..1000`, `text`, `a | b`, `[integer]`, `{type: "file", path}`. */
export function typeOf(schema: unknown): string {
  const union = member(schema, "anyOf") ?? member(schema, "oneOf");
  if (Array.isArray(union)) return union.map(typeOf).join(" | ");
  const constant = member(schema, "const");
  if (constant !== undefined) return JSON.stringify(constant);
  const choices = member(schema, "enum");
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  const type = member(schema, "type");
  if (!Array.isArray(type)) return namedType(type, schema);
  return type.map((one: unknown) => namedType(one, schema)).join(" | ");
}

function namedType(type: unknown, schema: unknown): string {
  switch (type) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return `${type}${rangeOf(schema)}`;
    case "boolean":
      return "true | false";
    case "null":
      return "null";
    case "array":
      return `[${typeOf(member(schema, "items"))}]`;
    case "object":
      return objectType(schema);
    default:
      return "any";
  }
}

function rangeOf(schema: unknown): string {
  const minimum = member(schema, "minimum") ?? member(schema, "exclusiveMinimum");
  const maximum = member(schema, "maximum");
  if (minimum === undefined && maximum === undefined) return "";
  return ` ${minimum ?? ""}..${maximum ?? ""}`;
}

function objectType(schema: unknown): string {
  const members = Object.entries(record(member(schema, "properties"))).map(([name, value]) => {
    const constant = member(value, "const");
    return constant === undefined ? name : `${name}: ${JSON.stringify(constant)}`;
  });
  return members.length === 0 ? "object" : `{${members.join(", ")}}`;
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
