import assert from "node:assert/strict";
import * as z from "zod";
import { briefSchema, mostOutputSchemaCharacters } from "../../../src/server/brief_schema.ts";
import { contractOf, listingOf, listingsOf } from "../../../src/server/contract.ts";
import { schemaOf } from "../../../src/server/json_schema.ts";
import { toolbox } from "../../../src/tools/toolbox.ts";

const text = z.string().describe("words of it");
const wide = (members: number) =>
  z.object(Object.fromEntries(Array.from({ length: members }, (_, i) => [`member_${i}`, text])));

Deno.test("briefSchema leaves a small schema as it is", () => {
  const schema = schemaOf(
    z.object({ id: z.int().describe("an id"), list: z.array(text) }),
    "output",
  );
  assert.deepEqual(briefSchema(schema), schema);
});

Deno.test("briefSchema keeps the name alone of a member that is said to be bare", () => {
  const schema = schemaOf(z.object({ id: z.int(), tool_version: z.string() }), "output");
  assert.deepEqual(briefSchema(schema, ["tool_version"]), {
    ...schema,
    properties: { id: { type: "integer" }, tool_version: {} },
  });
});

Deno.test("briefSchema drops descriptions inside members before it drops their shape", () => {
  const schema = schemaOf(z.object({ outer: text, rows: z.array(wide(1)) }), "output");
  const brief = JSON.stringify(briefSchema(schema));
  assert.match(brief, /"outer":\{"type":"string","description"/);
  assert.match(brief, /"member_0":\{"type":"string"\}/);
});

Deno.test("briefSchema ends with the names and types of the members", () => {
  const schema = schemaOf(z.object({ rows: z.array(wide(60)), one: wide(60) }), "output");
  assert.deepEqual(briefSchema(schema), {
    type: "object",
    properties: { rows: { type: "array", items: { type: "object" } }, one: { type: "object" } },
    required: ["rows", "one"],
  });
});

const listed = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

Deno.test("briefSchema gives up what is required, then types, then names, never its size", () => {
  const flat = (members: number) => briefSchema(schemaOf(wide(members), "output"));
  const typed = listed.parse(flat(6));
  assert.deepEqual(typed.required, []);
  assert.deepEqual(Object.values(typed.properties), Array(6).fill({ type: "string" }));
  assert.deepEqual(Object.values(listed.parse(flat(26)).properties), Array(26).fill({}));
  assert.deepEqual(flat(80), { type: "object" });
});

Deno.test("briefSchema names every member of every tool's answer, and requires no more", () => {
  for (const tool of toolbox) {
    const brief = listed.parse(listingOf(tool).outputSchema);
    const whole = listed.parse(contractOf(tool).outputSchema);
    assert.deepEqual(Object.keys(brief.properties), Object.keys(whole.properties), tool.name);
    assert.ok(brief.required.every((name) => whole.required.includes(name)), tool.name);
  }
});

Deno.test("listingsOf tells an answer that several tools give with the first of them", () => {
  const told = listingsOf(toolbox);
  for (const [index, tool] of toolbox.entries()) {
    const { outputSchema, ...rest } = told[index] ?? assert.fail(tool.name);
    const { outputSchema: alone, ...others } = listingOf(tool);
    assert.deepEqual(rest, others);
    const [, first] = /^As of (\w+)$/.exec(String(outputSchema.description)) ?? [];
    const same = toolbox.find(({ name }) => name === first);
    if (same === undefined) assert.deepEqual(outputSchema, alone);
    else assert.deepEqual(contractOf(same).outputSchema, contractOf(tool).outputSchema);
  }
  const stop = told.find(({ name }) => name === "stop_stream");
  assert.equal(stop?.outputSchema.description, "As of stream_events");
});

Deno.test("tools/list keeps to 40 KB with every tool", () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ tools: listingsOf(toolbox) })).length;
  assert.ok(bytes <= 40_000, `tools/list takes ${bytes} bytes`);
  for (const tool of toolbox) {
    const characters = JSON.stringify(listingOf(tool).outputSchema).length;
    assert.ok(characters <= mostOutputSchemaCharacters, `${tool.name}: ${characters}`);
  }
});
