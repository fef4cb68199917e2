import assert from "node:assert/strict";
import * as fc from "fast-check";
import { referencesIn, resolveReferences } from "../../../src/cli/references.ts";

const results = new Map<string, unknown>([
  ["load", { object_id: "o1", programs: [{ program_id: 7, name: "first" }], nothing: null }],
  ["big-one", { value: "18446744073709551615", list: [[1, 2], [3]] }],
]);

const resolved: readonly [value: unknown, wanted: unknown][] = [
  ["$load.object_id", "o1"],
  ["$load.programs[0].program_id", 7],
  ["$load.programs", [{ program_id: 7, name: "first" }]],
  ["$load.nothing", null],
  ["$big-one.value", "18446744073709551615"],
  ["$big-one.list[1][0]", 3],
  ["$load", results.get("load")],
  ["$$load.object_id", "$load.object_id"],
  ["$$", "$"],
  ["costs 5$", "costs 5$"],
  ["", ""],
  [[{ id: "$load.programs[0].program_id" }, 5, true, null], [{ id: 7 }, 5, true, null]],
];

for (const [value, wanted] of resolved) {
  const shown = JSON.stringify(value);
  Deno.test(`resolveReferences turns ${shown} into ${JSON.stringify(wanted)}`, () => {
    assert.deepEqual(resolveReferences(value, results), wanted);
  });
}

const unresolved: readonly [text: string, message: RegExp][] = [
  ["$other.id", /"\$other.id": "other" gave no result$/],
  ["$load.program", /"\$load.program": \$load has no "program"$/],
  ["$load.programs[3].name", /\$load.programs has 1 elements, wanted \[3\]$/],
  ["$load.programs.name", /\$load.programs has 1 elements, wanted \[name\]$/],
  ["$load.object_id.x", /\$load.object_id is no object, wanted "x"$/],
  ["$load[0]", /\$load has no \[0\]$/],
  ["$load.constructor", /\$load has no "constructor"$/],
  ["$load.", /Cannot read reference "\$load\."/],
  ["$", /Cannot read reference/],
  ["$5", /Cannot read reference/],
  ["$load[-1]", /Cannot read reference/],
  ["$load.programs[0].name and more", /Cannot read reference/],
];

for (const [text, message] of unresolved) {
  Deno.test(`resolveReferences refuses ${text}`, () => {
    assert.throws(() => resolveReferences({ a: [text] }, results), {
      code: "invalid_plan",
      message,
    });
  });
}

Deno.test("resolveReferences leaves values without a dollar as they are", () => {
  const value = fc.jsonValue().filter((json) => !JSON.stringify(json).includes("$"));
  fc.assert(fc.property(value, (json) => {
    assert.deepEqual(JSON.stringify(resolveReferences(json, results)), JSON.stringify(json));
    assert.deepEqual(referencesIn(json), []);
  }));
});

Deno.test("referencesIn finds the references that resolveReferences replaces", () => {
  const found = referencesIn({ a: "$load.x", b: ["$$no", { c: "$big-one" }] });
  assert.deepEqual(found.map(({ step, path }) => [step, path]), [["load", ["x"]], ["big-one", []]]);
});
