// What a tool is: name, text, requirements, schemas and handler in one value.
import * as z from "zod";
import type { Config } from "../config.ts";
import type { Host } from "../host/host.ts";
import type { KernelView } from "../kernel/kernel_view.ts";
import type { Effect, Role } from "../policy/role.ts";
import type { Toolset } from "../policy/toolset.ts";
import type { Session } from "../session/session.ts";
import type { Client } from "./client.ts";
import type { Content } from "./content.ts";

/** What a tool works on. One per connection; the session in it dies with the connection. */
export interface Services {
  readonly config: Config;
  readonly session: Session;
  readonly kernel: KernelView;
  readonly host: Host;
}

/** What belongs to one call. */
export interface RequestContext {
  /** Aborted when the client cancels, disconnects, or the tool's maximum time is over. */
  readonly signal: AbortSignal;
  readonly role: Role;
  /** What the answer's JSON may take in UTF-8 bytes; a page ends before it would take more. */
  readonly byteBudget: number;
  /** Tells the client how far we are; goes nowhere when the client did not ask. */
  progress(message: string, done?: number, total?: number): Promise<void>;
  /** The other end: what may be logged to it and asked of it. */
  readonly client: Client;
  /**
   * Adds a picture, a sound, a resource or a link to the answer, behind its JSON.
   * @throws resource/limit_exceeded when the answer would be larger than one may be
   */
  enclose(content: Content): void;
}

export interface ToolContext extends Services {
  readonly request: RequestContext;
  /** The tools within this connection's reach, for `inspect_state fields:["tools"]`. */
  readonly tools: readonly ToolTraits[];
}

/** What a tool needs from the host: for the reader, not a check. */
export interface Needs {
  /** The capability, or `none`. */
  readonly capability: string;
  /** The first Linux version on which the tool's main job works. */
  readonly kernel: string;
}

/** Everything about a tool but its schemas and its code. */
export interface ToolTraits {
  readonly name: string;
  readonly title: string;
  readonly doc: string;
  readonly toolset: Toolset;
  readonly effect: Effect;
  readonly needs: Needs;
  /** Upper bounds by name, units last: `{max_events: 10_000, max_duration_ms: 600_000}`. */
  readonly limits?: Readonly<Record<string, number>>;
  /** After this the registry aborts the call. */
  readonly maxTimeMs: number;
}

/** An object schema of any shape and strictness. */
export type ObjectSchema = z.ZodObject<z.ZodRawShape, z.core.$ZodObjectConfig>;

export interface ToolDefinition<Input extends ObjectSchema, Output extends ObjectSchema>
  extends ToolTraits {
  /** A `z.strictObject`: unknown arguments are refused, each value has an upper bound. */
  readonly input: Input;
  /** A `z.object`; keys that it does not name never reach the client. */
  readonly output: Output;
  run(
    args: z.output<Input>,
    context: ToolContext,
  ): z.input<Output> | Promise<z.input<Output>>;
}

/** A tool's structured answer. */
export type ToolResult = Record<string, unknown>;

export type Prepared =
  | { readonly ok: true; run(context: ToolContext): Promise<ToolResult> }
  | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** A tool whose argument types are sealed in: `prepare` checks them, `run` uses them. */
export interface Tool extends ToolTraits {
  readonly input: ObjectSchema;
  readonly output: ObjectSchema;
  prepare(args: unknown): Prepared;
}

/** Makes a tool of its definition. The types of `run` follow from the two schemas. */
export function defineTool<Input extends ObjectSchema, Output extends ObjectSchema>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { input, output } = definition;
  return {
    name: definition.name,
    title: definition.title,
    doc: definition.doc,
    toolset: definition.toolset,
    effect: definition.effect,
    needs: definition.needs,
    limits: definition.limits,
    maxTimeMs: definition.maxTimeMs,
    input,
    output,
    prepare(args) {
      const parsed = input.safeParse(args);
      if (!parsed.success) return { ok: false, issues: parsed.error.issues };
      return {
        ok: true,
        run: async (context) => output.parse(await definition.run(parsed.data, context)),
      };
    },
  };
}
