import assert from "node:assert/strict";
import * as z from "zod";
import { briefSchema, mostOutputSchemaCharacters } from "../../../src/server/brief_schema.ts";
import { listingOf } from "../../../src/server/contract.ts";
import { schemaOf } from "../../../src/server/json_schema.ts";
import { toolbox } from "../../../src/tools/toolbox.ts";

const text = z.string().describe("words ".repeat(20));
const wide = (members: number) =>
  z.object(Object.fromEntries(Array.from({ length: members }, (_, i) => [`member_${i}`, text])));

Deno.test("briefSchema leaves a small schema as it is", () => {
  const schema = schemaOf(
    z.object({ id: z.int().describe("an id"), list: z.array(text) }),
    "output",
  );
  assert.deepEqual(briefSchema(schema), schema);
});

Deno.test("briefSchema drops descriptions inside members before it drops their shape", () => {
  const schema = schemaOf(z.object({ outer: text, rows: z.array(wide(7)) }), "output");
  const brief = JSON.stringify(briefSchema(schema));
  assert.match(brief, /"outer":\{"type":"string","description"/);
  assert.match(brief, /"member_6":\{"type":"string"\}/);
});

Deno.test("briefSchema ends with the names and types of the members", () => {
  const schema = schemaOf(z.object({ rows: z.array(wide(60)), one: wide(60) }), "output");
  assert.deepEqual(briefSchema(schema), {
    type: "object",
    properties: { rows: { type: "array", items: { type: "object" } }, one: { type: "object" } },
    required: ["rows", "one"],
  });
});

Deno.test("tools/list keeps to 40 KB with every tool", () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ tools: toolbox.map(listingOf) })).length;
  assert.ok(bytes <= 40_000, `tools/list takes ${bytes} bytes`);
  for (const tool of toolbox) {
    const characters = JSON.stringify(listingOf(tool).outputSchema).length;
    assert.ok(characters <= mostOutputSchemaCharacters, `${tool.name}: ${characters}`);
  }
});
