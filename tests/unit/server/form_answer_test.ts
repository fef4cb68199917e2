import assert from "node:assert/strict";
import * as fc from "fast-check";
import { EBPFError } from "../../../src/errors.ts";
import { checkForm } from "../../../src/server/form_answer.ts";
import type { Form } from "../../../src/tools/client.ts";

const form: Form = {
  message: "Please",
  fields: {
    name: { type: "string", minLength: 1, maxLength: 5 },
    plain: { type: "string", enum: ["a", "b"] },
    titled: { type: "string", oneOf: [{ const: "x", title: "X" }] },
    age: { type: "integer", minimum: 0, maximum: 150 },
    score: { type: "number" },
    sure: { type: "boolean" },
    some: { type: "array", items: { type: "string", enum: ["a", "b"] }, minItems: 1 },
    more: { type: "array", items: { anyOf: [{ const: "x", title: "X" }] } },
  },
  required: ["name"],
};

Deno.test("checkForm gives back what fits", () => {
  const content = {
    name: "Eve",
    plain: "b",
    titled: "x",
    age: 150,
    score: -0.5,
    sure: false,
    some: ["b"],
    more: [],
  };
  assert.deepEqual(checkForm(form, content), content);
});

const misfits: [content: Record<string, unknown>, reason: RegExp][] = [
  [{}, /"name": it is missing/],
  [{ name: "" }, /it has 0 characters, wanted 1 to 5/],
  [{ name: "sixsix" }, /6 characters/],
  [{ name: 7 }, /wanted text/],
  [{ name: "a", extra: 1 }, /"extra": the form has no such field/],
  [{ name: "a", plain: "c" }, /wanted one of a, b/],
  [{ name: "a", titled: "X" }, /wanted one of x/],
  [{ name: "a", age: 1.5 }, /wanted an integer/],
  [{ name: "a", age: -1 }, /out of 0 to 150/],
  [{ name: "a", score: "1" }, /wanted a number/],
  [{ name: "a", sure: "yes" }, /wanted true or false/],
  [{ name: "a", some: [] }, /it has 0 choices/],
  [{ name: "a", some: ["c"] }, /wanted some of a, b/],
  [{ name: "a", some: "a" }, /wanted a list/],
  [{ name: "a", more: ["x", "x"] }, /it has 2 choices/],
];

for (const [content, reason] of misfits) {
  Deno.test(`checkForm refuses ${JSON.stringify(content)}`, () => {
    assert.throws(() => checkForm(form, content), (error) => {
      assert.ok(error instanceof EBPFError);
      assert.equal(error.code, "invalid_arguments");
      assert.match(error.message, reason);
      return true;
    });
  });
}

Deno.test("checkForm answers anything with values or an error of ours", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (content) => {
    try {
      checkForm(form, content);
    } catch (error) {
      assert.ok(error instanceof EBPFError);
    }
  }));
});
