import assert from "node:assert/strict";
import { resourceError } from "../../../src/errors.ts";
import { boundedError } from "../../../src/server/bounded_error.ts";
import { toErrorAnswer } from "../../../src/server/registry.ts";

const time = new Date(0);

Deno.test("boundedError gives an error that fits as it is", () => {
  const error = resourceError("file_not_found", 'No file "x.o"', { path: "x.o" }).toObject(time);
  assert.equal(boundedError(error), error);
});

Deno.test("boundedError cuts a long message and a long context, and says so", () => {
  const path = "é".repeat(4095);
  const objects = Array.from({ length: 300 }, (_, index) => `/folder/${index}`);
  const context = { errno: 2, path, objects, hint: "give another path" };
  const error = resourceError("file_not_found", `No file "${path}"`, context).toObject(time);
  const bounded = boundedError(error);
  assert.ok(bounded.message.startsWith('No file "éé') && bounded.message.endsWith("é…"));
  assert.equal(bounded.context.truncated, true);
  assert.equal(bounded.context.errno, 2);
  assert.equal(bounded.context.hint, "give another path");
  assert.ok(path.startsWith(String(bounded.context.path)));
});

Deno.test("toErrorAnswer stays below the default byte budget, whatever it quotes", () => {
  for (const character of ["x", "\u0001", "\u{1f600}", "\\"]) {
    const quoted = character.repeat(5000);
    const context = { first: quoted, second: [quoted, quoted], hint: quoted };
    const error = resourceError("file_not_found", quoted, context).toObject(time);
    const { json } = toErrorAnswer(error);
    assert.ok(new TextEncoder().encode(json).length <= 8192, `${json.length} characters`);
  }
});
