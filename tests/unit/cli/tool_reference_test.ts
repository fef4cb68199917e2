import assert from "node:assert/strict";
import * as z from "zod";
import { fieldsOf, typeOf } from "../../../src/cli/schema_fields.ts";
import { toolReference } from "../../../src/cli/tool_reference.ts";
import { sampleTools } from "../server/sample_tools.ts";

const types: readonly [schema: z.ZodType, wanted: string][] = [
  [z.string(), "text"],
  [z.int().min(1).max(9), "integer 1..9"],
  [z.number(), "number"],
  [z.boolean(), "true | false"],
  [z.enum(["a", "b"]), '"a" | "b"'],
  [z.literal("x"), '"x"'],
  [z.array(z.string()), "[text]"],
  [z.string().nullable(), "text | null"],
  [z.unknown(), "any"],
  [z.record(z.string(), z.unknown()), "object"],
  [z.strictObject({ type: z.literal("file"), path: z.string() }), '{type: "file", path}'],
];

for (const [schema, wanted] of types) {
  Deno.test(`typeOf writes ${wanted}`, () => {
    assert.equal(typeOf(z.toJSONSchema(schema)), wanted);
  });
}

Deno.test("fieldsOf tells required from optional and shows defaults", () => {
  const schema = z.strictObject({
    a: z.string().describe("the first"),
    b: z.int().max(5).default(3),
  });
  assert.deepEqual(fieldsOf(z.toJSONSchema(schema, { io: "input" })), [
    { name: "a", type: "text", need: "required", doc: "the first" },
    {
      name: "b",
      type: `integer ${Number.MIN_SAFE_INTEGER}..5`,
      need: "optional",
      doc: "(default 3)",
    },
  ]);
});

Deno.test("toolReference has a section for every tool and escapes what is markup", () => {
  const text = toolReference(sampleTools);
  for (const { name } of sampleTools) assert.match(text, new RegExp(`^### ${name}$`, "m"));
  assert.match(text, /^\| `times`\? \| integer 1\.\.10 \| \(default 1\) \|$/m);
  assert.match(text, /"file", path\} \\\| \{type/);
});
