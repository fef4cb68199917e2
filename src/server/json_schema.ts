// zod schemas as JSON Schemas, without what every schema of ours would repeat.
import * as z from "zod";
import type { ObjectSchema } from "../tools/define_tool.ts";

export type JsonSchema = Record<string, unknown> & { type: "object" };

/** The schema of what a client sends (`input`) or gets (`output`). */
export function schemaOf(schema: ObjectSchema, io: "input" | "output"): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Implied by "integer" for every reader of JSON, and a fifth of tools/list.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      delete jsonSchema.propertyNames; // JSON has no other names than strings
      // Answers never hold more than this (defineTool strips), and may grow in a later version.
      if (io === "output" && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
    },
  });
  delete json.$schema;
  return { ...json, type: "object" };
}
