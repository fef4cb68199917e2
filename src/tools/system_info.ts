// What this host is, as far as it decides what BPF can do here.
import * as z from "zod";
import { defineTool, type ToolContext } from "./define_tool.ts";
import { describeSystem, type SystemAnswer, systemAnswer } from "./describe_system.ts";
import { checkShape } from "./system/check.ts";
import { runChecks } from "./system/checks.ts";

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
const parts = ["checks", ...hostParts] as const;
type Part = typeof parts[number];

const answer = systemAnswer.partial().extend({
  checks: z.array(checkShape).optional(),
});
type Answer = z.infer<typeof answer>;

export const systemInfo = defineTool({
  name: "system_info",
  title: "Describe the host, and check what BPF can do on it",
  doc: "Kernel, architecture, CPUs, BTF, libbpf, this process's capabilities and limits, " +
    "lockdown, JIT and BPF settings, and where bpffs, tracefs and cgroup2 are mounted (null: " +
    "cannot be read). checks: each thing that BPF work needs as ok, degraded or missing, with " +
    "what was found, what it costs and the command that repairs it. Call it first, and when " +
    "something is refused.",
  toolset: "reflect",
  effect: "read",
  needs: { capability: "none", kernel: "4.18" },
  maxTimeMs: 5_000,
  input: z.strictObject({
    fields: z.array(z.enum(parts)).min(1).max(parts.length).default([...parts])
      .describe("Parts of the answer"),
  }),
  output: answer,
  run({ fields }, context) {
    return describe(new Set(fields), context);
  },
});

async function describe(fields: ReadonlySet<Part>, { host }: ToolContext): Promise<Answer> {
  const system = host.system();
  const told: Answer = {};
  if (fields.has("checks")) {
    const standing = await host.surroundings.read(system.kernel.release);
    told.checks = runChecks({ system, standing });
  }
  return { ...told, ...pick(describeSystem(system), fields) };
}

/** The wanted parts. `mounts` brings its total. */
function pick(whole: SystemAnswer, fields: ReadonlySet<string>): Partial<SystemAnswer> {
  const wanted = (name: string) => fields.has(name === "mounts_total" ? "mounts" : name);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => wanted(name)));
}
