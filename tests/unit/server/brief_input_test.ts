import assert from "node:assert/strict";
import * as z from "zod";
import { briefInput } from "../../../src/server/brief_input.ts";
import { contractOf, listingOf } from "../../../src/server/contract.ts";
import { schemaOf } from "../../../src/server/json_schema.ts";
import { toolbox } from "../../../src/tools/toolbox.ts";

Deno.test("briefInput keeps all but bounds that teach little, and types that choices show", () => {
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
      limit: { default: 5, type: "integer", maximum: 10 },
      hook: {
        type: "object",
        description: "a(path), b|c(ids)",
        properties: {
          type: { enum: ["a", "b", "c"] },
          path: { type: "string" },
          ids: { type: "array", maxItems: 3, items: { type: "integer" } },
        },
        required: ["type"],
      },
    },
    required: ["name", "hook"],
  });
});

Deno.test("briefInput leaves out bounds that everybody expects or nobody reaches", () => {
  const schema = schemaOf(
    z.strictObject({
      id: z.int().min(1).max(2 ** 32 - 1),
      share: z.int().min(2).max(600_000),
      names: z.array(z.string()).max(512).default([]),
      globals: z.record(z.string(), z.unknown()),
    }),
    "input",
  );
  assert.deepEqual(briefInput(schema).properties, {
    id: { type: "integer" },
    share: { type: "integer", minimum: 2, maximum: 600_000 },
    names: { default: [], type: "array", items: { type: "string" } },
    globals: { type: "object" },
  });
});

Deno.test("briefInput leaves out what is false or a long list by default", () => {
  const schema = schemaOf(
    z.strictObject({
      mine: z.boolean().default(false),
      all: z.boolean().default(true),
      few: z.array(z.string()).default(["a", "b", "c", "d"]),
      many: z.array(z.string()).default(["a", "b", "c", "d", "e"]),
    }),
    "input",
  );
  const texts = { type: "array", items: { type: "string" } };
  assert.deepEqual(briefInput(schema).properties, {
    mine: { type: "boolean" },
    all: { default: true, type: "boolean" },
    few: { default: ["a", "b", "c", "d"], ...texts },
    many: texts,
  });
});

Deno.test("briefInput names every member and every choice of every union", () => {
  for (const tool of toolbox) {
    const brief = JSON.stringify(listingOf(tool).inputSchema);
    for (
      const [, members = ""] of JSON.stringify(contractOf(tool).inputSchema).matchAll(
        /"properties":\{("\w+")/g,
      )
    ) assert.ok(brief.includes(members), `${tool.name}: ${members}`);
    for (
      const [, choice = ""] of JSON.stringify(contractOf(tool).inputSchema).matchAll(
        /"const":("\w+")/g,
      )
    ) assert.ok(brief.includes(choice), `${tool.name}: ${choice}`);
  }
});

Deno.test("briefInput names every argument of every tool, and which it needs", () => {
  for (const tool of toolbox) {
    const brief = listingOf(tool).inputSchema;
    const whole = contractOf(tool).inputSchema;
    const names = (schema: typeof brief) => Object.keys(Object(schema.properties));
    assert.deepEqual(names(brief), names(whole), tool.name);
    assert.deepEqual(brief.required, whole.required, tool.name);
    assert.equal(whole.additionalProperties, false, tool.name);
    assert.ok(!("additionalProperties" in brief), `${tool.name}: 29 bytes, alike in all tools`);
  }
});
