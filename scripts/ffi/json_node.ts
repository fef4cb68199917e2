// Typed reading of parsed JSON whose shape another program decides.

/** A JSON object, its members still unknown. */
export type JsonNode = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is JsonNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text member `key`; undefined when it is absent or of another type. */
export function textOf(node: JsonNode, key: string): string | undefined {
  const value = node[key];
  return typeof value === "string" ? value : undefined;
}

/** The object member `key`; an empty one when it is absent or of another type. */
export function nodeOf(node: JsonNode, key: string): JsonNode {
  const value = node[key];
  return isNode(value) ? value : {};
}

/** The objects in the array member `key`. */
export function nodesOf(node: JsonNode, key: string): readonly JsonNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}
