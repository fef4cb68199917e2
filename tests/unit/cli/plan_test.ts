import assert from "node:assert/strict";
import { readPlan } from "../../../src/cli/plan.ts";

const check = (name: string) => name.startsWith("x") ? `Unknown tool "${name}"` : null;

Deno.test("readPlan fills in what a plan leaves out", () => {
  assert.deepEqual(readPlan({ steps: [{ id: "a", tool: "system_info" }] }, check), {
    steps: [{ id: "a", tool: "system_info", arguments: {} }],
    on_error: "stop",
  });
});

const step = { id: "a", tool: "t" };
const refused: readonly [plan: unknown, message: RegExp][] = [
  [null, /the plan: /],
  [[], /the plan: /],
  [{}, /steps: /],
  [{ steps: [] }, /steps: /],
  [{ steps: [step], on_error: "ignore" }, /on_error: /],
  [{ steps: [step], extra: 1 }, /extra/],
  [{ steps: [{ ...step, args: {} }] }, /args/],
  [{ steps: [{ id: "1a", tool: "t" }] }, /steps\[0\].id: /],
  [{ steps: [step, step] }, /two steps have the id "a"$/],
  [{ steps: [{ id: "a", tool: "xyz" }] }, /step "a": Unknown tool "xyz"$/],
  [{ steps: [{ ...step, arguments: { v: "$b.x" } }] }, /"\$b.x" needs a step that does not exist$/],
  [
    { steps: [{ ...step, arguments: { v: "$b.x" } }, { id: "b", tool: "t" }] },
    /step "a": "\$b.x" needs a step that does not come before it$/,
  ],
  [
    { steps: [{ ...step, arguments: { v: "$a.x" } }] },
    /needs a step that does not come before it$/,
  ],
  [{ steps: [{ ...step, arguments: { v: "$-" } }] }, /step "a": Cannot read reference "\$-"/],
  [{ steps: new Array(201).fill(step) }, /steps: /],
];

for (const [plan, message] of refused) {
  Deno.test(`readPlan refuses ${JSON.stringify(plan).slice(0, 80)}`, () => {
    assert.throws(() => readPlan(plan, check), { code: "invalid_plan", message });
  });
}
