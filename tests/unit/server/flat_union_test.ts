import assert from "node:assert/strict";
import { flatten } from "../../../src/server/flat_union.ts";

const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => {
  return { type: "object", properties, required };
};
const text = { type: "string" };
const number = { type: "integer" };

Deno.test("flatten makes a list of branches that are types alone", () => {
  assert.deepEqual(flatten({ description: "When", anyOf: [number, text] }), {
    description: "When",
    type: ["integer", "string"],
  });
});

Deno.test("flatten makes one object of tagged ones, and says who takes which", () => {
  const one = object({ type: { const: "file" }, path: text, mode: text }, ["type", "path"]);
  const two = object({ type: { enum: ["data", "text"] }, blob: text });
  assert.deepEqual(flatten({ oneOf: [one, two, object({ type: { const: "none" } })] }), {
    type: "object",
    description: "file(path, mode?), data|text(blob), none",
    properties: {
      type: { enum: ["file", "data", "text", "none"] },
      path: text,
      mode: text,
      blob: text,
    },
    required: ["type"],
  });
});

Deno.test("flatten keeps of a member that branches differ in what all of them say", () => {
  const branch = (tag: string, id: unknown) => object({ type: { const: tag }, id });
  const merged = (...ids: unknown[]) => {
    const { properties } = flatten({ oneOf: ids.map((id, at) => branch(`t${at}`, id)) });
    return Object(properties).id;
  };
  assert.deepEqual(merged({ ...number, maximum: 9 }, { ...number, maximum: 9 }), {
    ...number,
    maximum: 9,
  });
  assert.deepEqual(merged({ ...number, maximum: 9 }, number), number);
  assert.deepEqual(merged({ ...text, description: "One" }, { ...text, description: "Two" }), {
    ...text,
    description: "One; or: Two",
  });
  assert.deepEqual(merged(number, text), {});
  assert.deepEqual(merged({ enum: ["a"] }, { enum: ["b"] }), {});
});

Deno.test("flatten tells objects without a tag by their members", () => {
  const schema = { description: "BTF", anyOf: [object({ path: text }), object({ blob: text })] };
  assert.deepEqual(flatten(schema), {
    type: "object",
    description: "BTF: (path) or (blob)",
    properties: { path: text, blob: text },
  });
});

Deno.test("flatten leaves what is no union, and unions of something else", () => {
  const list = { type: "array", items: text };
  const schemas = [text, { anyOf: [text, list] }, { anyOf: [{ ...text, maxLength: 3 }, number] }];
  for (const schema of schemas) assert.deepEqual(flatten(schema), schema);
});
