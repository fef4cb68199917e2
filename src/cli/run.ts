// `run`: a plan of calls in one session.
import { configFlags, parseConfig } from "../config.ts";
import { EBPFError, type ErrorObject, internalError } from "../errors.ts";
import { startLog } from "../log.ts";
import { Connection } from "../server/connection.ts";
import { type Answer, toErrorAnswer } from "../server/registry.ts";
import { type Command, configSources, exitDone, exitError } from "./command.ts";
import { parseJson, readNamed } from "./input.ts";
import { printAnswer, ProgressDisplay } from "./output.ts";
import { type Plan, type PlanStep, readPlan } from "./plan.ts";
import { resolveReferences } from "./references.ts";

/** One step's line in the answer. */
export interface StepAnswer {
  readonly id: string;
  readonly tool: string;
  readonly result?: Record<string, unknown>;
  readonly error?: ErrorObject;
  readonly execution_time_ms: number;
}

export interface PlanAnswer {
  readonly steps: readonly StepAnswer[];
  readonly ok: boolean;
}

export const run: Command = {
  name: "run",
  doc: "Run a plan: several calls in one session, later ones using earlier results",
  positionals: [{ name: "plan", need: "required", doc: "a JSON file, or - for stdin" }],
  flags: [{ name: "json", kind: "switch", doc: "JSON on a terminal too" }, ...configFlags],
  async run(invocation, entry) {
    const program = await entry.load();
    const { registry, terminal } = program;
    const [path = "-"] = invocation.positionals;
    const config = parseConfig(configSources(invocation, program, "admin"));
    registry.check(config);
    const value = parseJson(await readNamed(path, program), path === "-" ? "stdin" : path);
    const plan = readPlan(
      value,
      (name) => registry.find(name) === null ? registry.describeUnknown(name) : null,
    );
    const lines = startLog(config.logLevel, terminal.stderr);
    let answer: PlanAnswer;
    {
      await using connection = new Connection(registry, await program.openServices(config));
      await using display = new ProgressDisplay(terminal);
      answer = await runPlan(plan, connection, invocation.ending, display);
    } // released before the result is printed
    await lines.flush();
    await printAnswer(terminal, { ...answer }, invocation.flags.has("json") ? "json" : "auto");
    return answer.ok ? exitDone : exitError;
  },
};

/** Where progress goes. */
interface Display {
  show(message: string, done?: number, total?: number): Promise<void>;
}

/** Runs the steps in order. A signal ends the plan after the step that it cancelled. */
export async function runPlan(
  plan: Plan,
  connection: Connection,
  ending: AbortSignal,
  display: Display,
): Promise<PlanAnswer> {
  const results = new Map<string, unknown>();
  const steps: StepAnswer[] = [];
  for (const step of plan.steps) {
    if (ending.aborted) break;
    const started = performance.now();
    const answer = await runStep(step, results, connection, ending, display);
    const elapsed = Math.round((performance.now() - started) * 1000) / 1000;
    const line = { id: step.id, tool: step.tool, execution_time_ms: elapsed };
    if (answer.ok) {
      results.set(step.id, answer.result);
      steps.push({ ...line, result: answer.result });
    } else {
      steps.push({ ...line, error: answer.error });
      if (plan.on_error === "stop") break;
    }
  }
  const ok = steps.length === plan.steps.length && steps.every((step) => step.error === undefined);
  return { steps, ok };
}

async function runStep(
  step: PlanStep,
  results: ReadonlyMap<string, unknown>,
  connection: Connection,
  ending: AbortSignal,
  display: Display,
): Promise<Answer> {
  const tool = connection.registry.find(step.tool);
  try {
    if (tool === null) throw internalError(`Step "${step.id}" names no tool`);
    const args = resolveReferences(step.arguments, results);
    return await connection.call(tool, args, {
      signal: ending,
      progress: (message, done, total) => display.show(`${step.id}: ${message}`, done, total),
    });
  } catch (error) {
    if (error instanceof EBPFError) return toErrorAnswer(error.toObject(new Date()));
    throw error;
  }
}
