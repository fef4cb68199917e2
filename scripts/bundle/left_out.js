// Stands in for packages that the MCP SDK imports and our server never calls: ajv and ajv-formats
// (validation of elicited forms), zod/v3 and zod-to-json-schema (schemas of an older zod). They are
// half of the bundle and 10 ms of every start.

/** The SDK makes one validator per server; only its use would need the real ajv. */
export default function LeftOut() {}

export function zodToJsonSchema() {
  throw new Error("zod-to-json-schema is not part of this executable");
}
