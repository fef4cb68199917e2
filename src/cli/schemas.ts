// `schemas`: every JSON Schema in one document.
import { contractOf } from "../server/contract.ts";
import { schemaOf } from "../server/json_schema.ts";
import type { Tool } from "../tools/define_tool.ts";
import { version } from "../version.ts";
import { type Command, exitDone } from "./command.ts";
import { printJson } from "./output.ts";
import { errorAnswerSchema, planAnswerSchema, planSchema } from "./plan.ts";

const dialect = "https://json-schema.org/draft/2020-12/schema";

export const schemas: Command = {
  name: "schemas",
  doc: "Print every JSON Schema: tools, errors, plans",
  positionals: [],
  flags: [],
  async run(_invocation, entry) {
    const { registry, terminal } = await entry.load();
    await printJson(terminal, schemaDocument(registry.tools));
    return exitDone;
  },
};

export interface SchemaDocument {
  readonly version: string;
  readonly error: Record<string, unknown>;
  readonly plan: Record<string, unknown>;
  readonly plan_answer: Record<string, unknown>;
  readonly tools: Readonly<Record<string, Record<string, unknown>>>;
}

/** Contracts of the tools by name, and the schemas around them. Depends on the tools alone. */
export function schemaDocument(tools: readonly Tool[]): SchemaDocument {
  return {
    version,
    error: { $schema: dialect, title: "error", ...schemaOf(errorAnswerSchema, "input") },
    plan: { $schema: dialect, title: "plan", ...schemaOf(planSchema, "input") },
    plan_answer: {
      $schema: dialect,
      title: "plan answer",
      ...schemaOf(planAnswerSchema, "output"),
    },
    tools: Object.fromEntries(tools.map((tool) => [tool.name, { ...contractOf(tool) }])),
  };
}
