import assert from "node:assert/strict";
import { run as runMain } from "./fake_program.ts";

interface StepAnswer {
  readonly id: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Answer {
  readonly code: number;
  readonly steps: readonly StepAnswer[];
  readonly ok: boolean;
  readonly released: number;
}

async function runPlan(plan: unknown, flags: readonly string[] = []): Promise<Answer> {
  const files = { "/home/me/plan.json": JSON.stringify(plan) };
  const outcome = await runMain(["run", "plan.json", ...flags], { files });
  const answer: { steps: StepAnswer[]; ok: boolean } = JSON.parse(outcome.stdout);
  return { ...answer, code: outcome.code, released: outcome.released };
}

const load = {
  id: "load",
  tool: "load_program",
  arguments: { source: { type: "file", path: "a" } },
};

Deno.test("run gives later steps what earlier ones gave, with its type", async () => {
  const answer = await runPlan({
    steps: [
      load,
      { id: "unpin", tool: "unpin_object", arguments: { id: "$load.programs[1].program_id" } },
      { id: "echo", tool: "echo", arguments: { text: "$$load" } },
    ],
  });
  assert.equal(answer.code, 0);
  assert.equal(answer.ok, true);
  assert.equal(answer.steps[1]?.result?.id, 8);
  assert.equal(answer.steps[2]?.result?.text, "$load");
  assert.equal(answer.released, 1);
});

Deno.test("run stops at the first error, or goes on when the plan says so", async () => {
  const steps = [
    { id: "bad", tool: "broken", arguments: { how: "ours" } },
    { id: "needs", tool: "echo", arguments: { text: "$bad.text" } },
    { id: "good", tool: "echo", arguments: { text: "x" } },
  ];
  const stopped = await runPlan({ steps });
  assert.equal(stopped.code, 1);
  assert.equal(stopped.ok, false);
  assert.deepEqual(stopped.steps.map((step) => step.error?.code), ["map_not_found"]);
  const whole = await runPlan({ steps, on_error: "continue" });
  assert.equal(whole.code, 1);
  assert.deepEqual(whole.steps.map((step) => step.error?.code), [
    "map_not_found",
    "invalid_plan",
    undefined,
  ]);
  assert.match(whole.steps[1]?.error?.message ?? "", /"bad" gave no result$/);
});

Deno.test("run checks the role at each step", async () => {
  const steps = [{ id: "echo", tool: "echo", arguments: { text: "x" } }, load];
  const answer = await runPlan({ steps }, ["--role", "viewer"]);
  assert.deepEqual(answer.steps.map((step) => step.error?.code), [undefined, "tool_not_allowed"]);
});

Deno.test("run names the reference that leads nowhere, at its step", async () => {
  const answer = await runPlan({
    steps: [load, { id: "e", tool: "echo", arguments: { text: "$load.programs[9].name" } }],
  });
  assert.equal(answer.steps[1]?.error?.code, "invalid_plan");
  assert.match(
    answer.steps[1]?.error?.message ?? "",
    /\$load.programs has 2 elements, wanted \[9\]/,
  );
});

Deno.test("run refuses a plan that cannot work before its first step", async () => {
  const plan = JSON.stringify({ steps: [load, { id: "e", tool: "nothing" }] });
  const outcome = await runMain(["run", "-"], { stdin: plan });
  assert.equal(outcome.code, 1);
  assert.match(outcome.stdout, /^\{"error":\{"category":"validation","code":"invalid_plan"/);
  assert.equal(outcome.opened, 0);
});

Deno.test("run exits 2 for a plan that is no JSON", async () => {
  const outcome = await runMain(["run", "-"], { stdin: "steps:" });
  assert.equal(outcome.code, 2);
  assert.match(outcome.stderr, /stdin is not JSON/);
});
