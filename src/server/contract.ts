// A tool as the protocol shows it: schemas, annotations and requirements from its definition.
import * as z from "zod";
import type { Effect } from "../policy/role.ts";
import type { Tool } from "../tools/define_tool.ts";
import { briefInput } from "./brief_input.ts";
import { briefSchema } from "./brief_schema.ts";
import { type JsonSchema, schemaOf } from "./json_schema.ts";
import { requirementsOf } from "../tools/requirements.ts";

export interface Contract {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: Annotations;
  readonly _meta: Record<string, unknown>;
}

interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** Under this key `_meta` tells what MCP has no field for. */
export const requirementsKey = "ebpf-mcp/requirements";

/** What the registry adds to every answer. */
export const stamp = z.object({ tool_version: z.string(), execution_time_ms: z.number() });

/** Everything about a tool: for `ebpf-mcp tools`, `ebpf-mcp schemas` and the reference. */
export function contractOf(tool: Tool): Contract {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.doc,
    inputSchema: schemaOf(tool.input, "input"),
    outputSchema: schemaOf(tool.output.extend(stamp.shape), "output"),
    annotations: annotationsOf(tool.effect),
    _meta: { [requirementsKey]: requirementsOf(tool) },
  };
}

/**
 * What `tools/list` says of a tool: the contract with its schemas cut to size. The stamp is there
 * by its names alone: its types, 30 times the same, say no more.
 */
export function listingOf(tool: Tool): Contract {
  const { inputSchema, outputSchema, ...rest } = contractOf(tool);
  return {
    ...rest,
    inputSchema: briefInput(inputSchema),
    outputSchema: briefSchema(outputSchema, Object.keys(stamp.shape)),
  };
}

/** What `tools/list` says of these tools: an answer that several give is told with the first. */
export function listingsOf(tools: readonly Tool[]): Contract[] {
  const told = new Map<string, string>();
  return tools.map((tool) => {
    const listing = listingOf(tool);
    const key = JSON.stringify(contractOf(tool).outputSchema);
    const first = told.get(key);
    if (first === undefined) told.set(key, tool.name);
    return first === undefined ? listing : { ...listing, outputSchema: sameAs(first) };
  });
}

function sameAs(tool: string): JsonSchema {
  const properties = Object.fromEntries(Object.keys(stamp.shape).map((name) => [name, {}]));
  return { type: "object", description: `As of ${tool}`, properties };
}

/** This host's kernel is the whole world; nothing here reaches beyond it. */
function annotationsOf(effect: Effect): Annotations {
  return {
    readOnlyHint: effect === "read" || effect === "observe",
    destructiveHint: effect === "destroy",
    idempotentHint: effect === "read",
    openWorldHint: false,
  };
}
