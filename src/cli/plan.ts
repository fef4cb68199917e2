// A plan: several calls in one session, later ones using what earlier ones gave.
import * as z from "zod";
import { type EBPFError, validationError } from "../errors.ts";
import { pathText } from "../server/arguments.ts";
import { type Reference, referencesIn } from "./references.ts";

const mostSteps = 200;

const step = z.strictObject({
  id: z.string().max(64).regex(/^[A-Za-z_][A-Za-z0-9_-]*$/)
    .describe("names the step, for references and the answer"),
  tool: z.string().min(1).max(64).describe("the tool to call"),
  arguments: z.record(z.string(), z.unknown()).default({})
    .describe(
      'its arguments; a string "$ID.path[0].field" stands for a value of an earlier result',
    ),
});

export const planSchema = z.strictObject({
  steps: z.array(step).min(1).max(mostSteps),
  on_error: z.enum(["stop", "continue"]).default("stop")
    .describe("whether the steps after a failed one run"),
});

export type Plan = z.output<typeof planSchema>;
export type PlanStep = Plan["steps"][number];

const errorSchema = z.looseObject({
  category: z.enum(["validation", "permission", "resource", "kernel", "internal"]),
  code: z.string(),
  message: z.string(),
  recoverable: z.boolean(),
  timestamp: z.string(),
  context: z.record(z.string(), z.unknown()),
});

/** What a tool that fails answers, as text and on stdout. */
export const errorAnswerSchema = z.object({ error: errorSchema });

/** What `run` prints. A step has a result or an error; one that did not run is not listed. */
export const planAnswerSchema = z.object({
  steps: z.array(z.object({
    id: z.string(),
    tool: z.string(),
    result: z.record(z.string(), z.unknown()).optional(),
    error: errorSchema.optional(),
    execution_time_ms: z.number(),
  })),
  ok: z.boolean(),
});

/**
 * Checks everything that can be known before the first step runs.
 * @throws validation/invalid_plan naming the step and what is wrong with it
 */
export function readPlan(value: unknown, describeUnknownTool: ToolCheck): Plan {
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = pathText(issue?.path ?? []) || "the plan";
    throw invalidPlan(`${place}: ${issue?.message ?? "it does not fit its schema"}`);
  }
  const plan = parsed.data;
  const earlier = new Set<string>();
  for (const { id, tool, arguments: args } of plan.steps) {
    if (earlier.has(id)) throw invalidPlan(`two steps have the id "${id}"`, id);
    const unknown = describeUnknownTool(tool);
    if (unknown !== null) throw invalidPlan(`step "${id}": ${unknown}`, id);
    for (const reference of referencesOf(id, args)) {
      if (earlier.has(reference.step)) continue;
      const all = plan.steps.some((other) => other.id === reference.step);
      const why = all ? "does not come before it" : "does not exist";
      throw invalidPlan(`step "${id}": "${reference.text}" needs a step that ${why}`, id);
    }
    earlier.add(id);
  }
  return plan;
}

/** What is wrong with a tool's name; null when it exists. */
export type ToolCheck = (name: string) => string | null;

function referencesOf(id: string, args: unknown): Reference[] {
  try {
    return referencesIn(args);
  } catch (error) {
    throw invalidPlan(`step "${id}": ${error instanceof Error ? error.message : error}`, id);
  }
}

function invalidPlan(reason: string, step?: string): EBPFError {
  return validationError("invalid_plan", `Cannot run the plan: ${reason}`, {
    ...(step === undefined ? {} : { step }),
    hint: "`ebpf-mcp schemas` has the plan's schema",
  });
}
