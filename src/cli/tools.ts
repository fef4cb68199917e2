// `tools`: what each tool takes and gives.
import { configFlags, parseConfig } from "../config.ts";
import { contractOf } from "../server/contract.ts";
import type { JsonSchema } from "../server/json_schema.ts";
import type { Tool } from "../tools/define_tool.ts";
import { requirementsOf } from "../tools/requirements.ts";
import { table } from "../view/text.ts";
import { type Command, configSources, exitDone, UsageError } from "./command.ts";
import { printJson, printText } from "./output.ts";
import { fieldsOf } from "./schema_fields.ts";

export const tools: Command = {
  name: "tools",
  doc: "List the tools, or show what one takes and gives",
  positionals: [{ name: "name", need: "optional", doc: "one tool" }],
  flags: [{ name: "json", kind: "switch", doc: "the schemas, as JSON" }, ...configFlags],
  async run(invocation, entry) {
    const program = await entry.load();
    const { registry, terminal } = program;
    const [name] = invocation.positionals;
    const config = parseConfig(configSources(invocation, program, "admin"));
    registry.check(config);
    if (name === undefined) {
      const within = registry.within(config);
      if (invocation.flags.has("json")) await printJson(terminal, within.map(contractOf));
      else await printText(terminal, listText(within));
      return exitDone;
    }
    const tool = registry.find(name);
    if (tool === null) throw new UsageError(registry.describeUnknown(name));
    if (invocation.flags.has("json")) await printJson(terminal, contractOf(tool));
    else await printText(terminal, contractText(tool));
    return exitDone;
  },
};

function listText(all: readonly Tool[]): string {
  return table(all, [
    { title: "TOOL", text: (tool) => tool.name },
    { title: "TOOLSET", text: (tool) => tool.toolset },
    { title: "EFFECT", text: (tool) => tool.effect },
    { title: "WHAT", text: (tool) => tool.title },
  ]);
}

function contractText(tool: Tool): string {
  const { inputSchema, outputSchema } = contractOf(tool);
  const needs = requirementsOf(tool);
  const limits = Object.entries(needs.limits).map(([name, value]) => `${name} ${value}`);
  return [
    `${tool.name}: ${tool.title}`,
    tool.doc,
    [
      `toolset ${needs.toolset}, effect ${needs.effect}`,
      `needs ${needs.capability}, Linux ${needs.kernel}`,
      `at most ${needs.max_time_ms} ms`,
      ...limits,
    ].join("; "),
    `Arguments:\n${fieldTable(inputSchema)}`,
    `Result:\n${fieldTable(outputSchema)}`,
  ].join("\n\n");
}

function fieldTable(schema: JsonSchema): string {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return "(none)";
  return table(fields, [
    { title: "NAME", text: (field) => field.name },
    { title: "TYPE", text: (field) => field.type },
    { title: "NEED", text: (field) => field.need },
    { title: "WHAT", text: (field) => field.doc },
  ]);
}
