// What a resource template is: a family of resources, one for each value of its variables.
import type * as z from "zod";
import { internalError } from "../errors.ts";
import type { Services } from "../tools/define_tool.ts";
import type { Body, ReadContext, ResourceTraits } from "./define_resource.ts";
import { UriTemplate } from "./uri_template.ts";

/** Variables come as text; a schema may turn them into something else (`z.coerce.number()`). */
export type Variables = z.ZodObject<z.ZodRawShape, z.core.$ZodObjectConfig>;

/**
 * Gives the values that a variable or an argument may take, best first. `given` has the values of
 * the other variables that the client has settled on. An array is counted; anything else is read
 * as far as an answer has room.
 */
export type Complete = (
  typed: string,
  services: Services,
  given: Readonly<Record<string, string>>,
) => Iterable<string> | Promise<Iterable<string>>;

export interface ResourceTemplateDefinition<Shape extends Variables> extends ResourceTraits {
  /** `bpf://map/{map_id}`. */
  readonly uriTemplate: string;
  readonly variables: Shape;
  readonly complete?: Partial<Readonly<Record<keyof z.output<Shape> & string, Complete>>>;
  read(variables: z.output<Shape>, context: ReadContext): Body | Promise<Body>;
  watch?(variables: z.output<Shape>, services: Services, changed: () => void): Disposable;
}

/** One resource of the family. */
export interface TemplateMatch {
  read(context: ReadContext): Promise<Body>;
  watch(services: Services, changed: () => void): Disposable | null;
}

/** A template whose variable types are sealed in. */
export interface ResourceTemplate extends ResourceTraits {
  readonly uriTemplate: string;
  readonly variableNames: readonly string[];
  /** Null when the URI is not of this family, or a variable is out of its bounds. */
  match(uri: string): TemplateMatch | null;
  /** Null for a variable that nothing is known of. */
  completer(variable: string): Complete | null;
}

/** Makes a template of its definition. The types of `read` follow from the variables. */
export function defineResourceTemplate<Shape extends Variables>(
  definition: ResourceTemplateDefinition<Shape>,
): ResourceTemplate {
  const { uriTemplate, variables, complete } = definition;
  const template = new UriTemplate(uriTemplate);
  if (Object.keys(variables.shape).sort().join() !== [...template.names].sort().join()) {
    throw internalError(`"${uriTemplate}" has other variables than its schema`);
  }
  const completers = new Map<string, Complete | undefined>(Object.entries({ ...complete }));
  const { name, title, doc, mimeType, toolset, effect } = definition;
  return {
    name,
    title,
    doc,
    mimeType,
    toolset,
    effect,
    uriTemplate,
    variableNames: template.names,
    match(uri) {
      const parsed = variables.safeParse(template.match(uri));
      if (!parsed.success) return null;
      return {
        read: async (context) => await definition.read(parsed.data, context),
        watch: (services, changed) => definition.watch?.(parsed.data, services, changed) ?? null,
      };
    },
    completer: (variable) => completers.get(variable) ?? null,
  };
}
