import assert from "node:assert/strict";
import * as z from "zod";
import { briefInput } from "../../../src/server/brief_input.ts";
import { contractOf, listingOf } from "../../../src/server/contract.ts";
import { schemaOf } from "../../../src/server/json_schema.ts";
import { toolbox } from "../../../src/tools/toolbox.ts";

Deno.test("briefInput keeps all but the bounds of texts, and types that choices show", () => {
  const schema = schemaOf(
    z.strictObject({
      name: z.string().min(1).max(64).describe("Whose"),
      limit: z.int().min(1).max(10).default(5),
      hook: z.union([
        z.strictObject({ type: z.literal("a"), path: z.string().regex(/^x/) }),
        z.strictObject({ type: z.enum(["b", "c"]), ids: z.array(z.int()).min(1).max(3) }),
      ]),
    }),
    "input",
  );
  assert.deepEqual(briefInput(schema), {
    type: "object",
    properties: {
      name: { description: "Whose", type: "string" },
      limit: { default: 5, type: "integer", minimum: 1, maximum: 10 },
      hook: {
        anyOf: [
          {
            type: "object",
            properties: { type: { const: "a" }, path: { type: "string" } },
            required: ["type", "path"],
          },
          {
            type: "object",
            properties: {
              type: { enum: ["b", "c"] },
              ids: {
                type: "array",
                maxItems: 3,
                items: { type: "integer" },
              },
            },
            required: ["type", "ids"],
          },
        ],
      },
    },
    required: ["name", "hook"],
    additionalProperties: false,
  });
});

Deno.test("briefInput names every argument of every tool, and which it needs", () => {
  for (const tool of toolbox) {
    const brief = listingOf(tool).inputSchema;
    const whole = contractOf(tool).inputSchema;
    const names = (schema: typeof brief) => Object.keys(Object(schema.properties));
    assert.deepEqual(names(brief), names(whole), tool.name);
    assert.deepEqual(brief.required, whole.required, tool.name);
    assert.equal(brief.additionalProperties, false, tool.name);
  }
});
