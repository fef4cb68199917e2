// What this host is, as far as it decides what BPF can do here.
import * as z from "zod";
import { jsonBytes } from "../view/page.ts";
import { defineTool, type ToolContext } from "./define_tool.ts";
import { describeSystem, type SystemAnswer, systemAnswer } from "./describe_system.ts";
import { checkShape } from "./system/check.ts";
import { runChecks } from "./system/checks.ts";
import { featureMatrix, matrixShape } from "./system/feature_matrix.ts";
import { describeObservation, observingShape } from "./system/observing_answer.ts";

const hostParts = [
  "hostname",
  "kernel",
  "cpus",
  "btf",
  "libbpf",
  "process",
  "lockdown",
  "settings",
  "mounts",
] as const;
/** What is not told unless asked for: it takes 50 ms and more. */
const costlyParts = ["features", "observing"] as const;

/** Every part of the answer: what `doctor` asks for. */
export const systemParts = ["checks", ...hostParts, ...costlyParts] as const;
type Part = typeof systemParts[number];

const answer = systemAnswer.partial().extend({
  checks: z.array(checkShape).optional(),
  features: matrixShape.optional(),
  observing: observingShape.optional(),
  truncated: z.literal(true).optional().describe("Mounts or names of features did not fit"),
});
type Answer = z.infer<typeof answer>;

export const systemInfo = defineTool({
  name: "system_info",
  title: "Describe the host, and check what BPF can do on it",
  doc: "Kernel, CPUs, BTF, libbpf, this process's capabilities and limits, lockdown, settings, " +
    "mounts (null: cannot be read), and checks: each thing that BPF work needs, ok, degraded " +
    "or missing, with its cost and the command that repairs it. Call it first, and when " +
    "something is refused. On request (50-200 ms) features: a count of what live probes find " +
    "taken; observing: proof that the main job works.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none", kernel: "4.18" },
  maxTimeMs: 15_000,
  input: z.strictObject({
    fields: z.array(z.enum(systemParts)).min(1).max(systemParts.length)
      .default(["checks", ...hostParts]).describe("All but features, observing by default"),
  }),
  output: answer,
  run({ fields }, context) {
    return describe(new Set(fields), context);
  },
});

async function describe(fields: ReadonlySet<Part>, context: ToolContext): Promise<Answer> {
  const { host, kernel: { features, observing } } = context;
  const system = host.system();
  const told: Answer = {};
  if (fields.has("checks")) {
    const standing = await host.surroundings.read(system.kernel.release);
    const found = {
      hasBtf: features.hasBtf(),
      programTypes: features.programTypes(),
      mapTypes: features.mapTypes(),
      attachTypes: features.attachTypes(),
    };
    told.checks = runChecks({ system, standing, features: found });
  }
  if (fields.has("features")) told.features = featureMatrix(features);
  if (fields.has("observing")) told.observing = describeObservation(observing.try());
  const whole = { ...told, ...pick(describeSystem(system), fields) };
  return fit(whole, context.request.byteBudget);
}

/** Mounts and what a kernel does not take may be any number: they are cut, their totals stay. */
function fit(whole: Answer, byteBudget: number): Answer {
  const told = structuredClone(whole);
  const { attach_types, map_types, program_types } = told.features ?? {};
  const taken = [attach_types, map_types, program_types].flatMap((types) => types ?? []);
  const lists = taken.flatMap(({ unknown, refused }) => [unknown, refused]);
  for (const list of [told.mounts ?? [], ...lists]) {
    while (list.length > 0 && jsonBytes(told) > byteBudget) {
      list.pop();
      told.truncated = true;
    }
  }
  return told;
}

/** The wanted parts. `mounts` brings its total. */
function pick(whole: SystemAnswer, fields: ReadonlySet<string>): Partial<SystemAnswer> {
  const wanted = (name: string) => fields.has(name === "mounts_total" ? "mounts" : name);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => wanted(name)));
}
