// What a prompt is: messages that a person picks by name, with the reach of a tool.
import type * as z from "zod";
import type { Effect } from "../policy/role.ts";
import type { Toolset } from "../policy/toolset.ts";
import type { ReadContext } from "../resources/define_resource.ts";
import type { Complete } from "../resources/define_resource_template.ts";
import type { Content } from "../tools/content.ts";

/** Arguments come as text, and MCP knows no other type. */
export type PromptArguments = z.ZodObject<z.ZodRawShape, z.core.$ZodObjectConfig>;

export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly content: Content;
}

export interface PromptTraits {
  /** Unique among tools, resources and prompts. */
  readonly name: string;
  readonly title: string;
  readonly doc: string;
  readonly toolset: Toolset;
  /** That of the strongest tool which the prompt makes a model call. */
  readonly effect: Effect;
}

export interface PromptDefinition<Shape extends PromptArguments> extends PromptTraits {
  /** A `z.strictObject` of texts, each with a bound and a description. */
  readonly arguments: Shape;
  readonly complete?: Partial<Readonly<Record<keyof z.output<Shape> & string, Complete>>>;
  render(
    args: z.output<Shape>,
    context: ReadContext,
  ): readonly PromptMessage[] | Promise<readonly PromptMessage[]>;
}

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

export type PreparedPrompt =
  | { readonly ok: true; render(context: ReadContext): Promise<readonly PromptMessage[]> }
  | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** A prompt whose argument types are sealed in. */
export interface Prompt extends PromptTraits {
  readonly input: PromptArguments;
  readonly argumentList: readonly PromptArgument[];
  prepare(args: unknown): PreparedPrompt;
  /** Null for an argument that nothing is known of. */
  completer(argument: string): Complete | null;
}

/** Makes a prompt of its definition. The types of `render` follow from the arguments. */
export function definePrompt<Shape extends PromptArguments>(
  definition: PromptDefinition<Shape>,
): Prompt {
  const { name, title, doc, toolset, effect, arguments: input, complete } = definition;
  const completers = new Map<string, Complete | undefined>(Object.entries({ ...complete }));
  return {
    name,
    title,
    doc,
    toolset,
    effect,
    input,
    /** When asked: zod's first refused value costs 15 ms, which a start has not got. */
    get argumentList() {
      return describeArguments(input);
    },
    prepare(args) {
      const parsed = input.safeParse(args);
      if (!parsed.success) return { ok: false, issues: parsed.error.issues };
      return {
        ok: true,
        render: async (context) => await definition.render(parsed.data, context),
      };
    },
    completer: (argument) => completers.get(argument) ?? null,
  };
}

function describeArguments(input: PromptArguments): PromptArgument[] {
  const required = new Set(missingNames(input));
  return Object.entries(input.shape).map(([name, schema]) => ({
    name,
    description: "description" in schema && typeof schema.description === "string"
      ? schema.description
      : name,
    required: required.has(name),
  }));
}

/** The names that an empty object lacks. */
function missingNames(input: PromptArguments): string[] {
  const parsed = input.safeParse({});
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => String(issue.path[0]));
}
