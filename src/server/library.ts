// Resources and prompts: found by URI or name, read within the role, a deadline and the budget.
import type { Config } from "../config.ts";
import { type EBPFError, resourceError, validationError } from "../errors.ts";
import type { Prompt, PromptMessage } from "../prompts/define_prompt.ts";
import type { Body, ReadContext, Resource, ResourceTraits } from "../resources/define_resource.ts";
import type { Complete, ResourceTemplate } from "../resources/define_resource_template.ts";
import type { Services, Tool } from "../tools/define_tool.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { explainIssues } from "./arguments.ts";
import { withDeadline } from "./deadline.ts";
import { type Guarded, notAllowed, obstacle } from "./reach.ts";

/** Readings are short; what takes long is a tool. */
const maxTimeMs = 30_000;

/** MCP lets a completion hold this many. */
const mostCompletions = 100;

export interface LibraryContents {
  readonly resources?: readonly Resource[];
  readonly templates?: readonly ResourceTemplate[];
  readonly prompts?: readonly Prompt[];
}

/** What a reading gives. */
export interface Reading {
  readonly uri: string;
  readonly mimeType: string;
  readonly body: Body;
}

/** What a completion is asked of: a prompt by name, or a template by its text. */
export type CompletionSubject =
  | { readonly kind: "prompt"; readonly name: string }
  | { readonly kind: "template"; readonly uriTemplate: string };

export interface CompletionArgument {
  readonly name: string;
  readonly typed: string;
  /** The other arguments, as far as they are known. */
  readonly given?: Readonly<Record<string, string>>;
}

export interface Completion {
  readonly values: readonly string[];
  /** Null when there are more than were counted. */
  readonly total: number | null;
}

/** One resource, fixed or of a template. */
interface Found {
  readonly traits: ResourceTraits;
  read(context: ReadContext): Body | Promise<Body>;
  watch(services: Services, changed: () => void): Disposable | null;
}

export class Library {
  readonly resources: readonly Resource[];
  readonly templates: readonly ResourceTemplate[];
  readonly prompts: readonly Prompt[];
  readonly #tools: readonly Tool[];

  /** @param tools what prompts may name, where it is within reach */
  constructor(
    { resources = [], templates = [], prompts = [] }: LibraryContents,
    tools: readonly Tool[] = [],
  ) {
    this.#tools = tools;
    this.resources = resources;
    this.templates = templates;
    this.prompts = prompts;
  }

  /** Everything that has a name. */
  get all(): Guarded[] {
    return [...this.resources, ...this.templates, ...this.prompts];
  }

  /** What a connection with this configuration sees. */
  within(config: Config): Required<LibraryContents> {
    const isWithin = (one: Guarded) => obstacle(one, config) === null;
    return {
      resources: this.resources.filter(isWithin),
      templates: this.templates.filter(isWithin),
      prompts: this.prompts.filter(isWithin),
    };
  }

  /** @throws resource/resource_not_found, permission/tool_not_allowed; what the reading throws */
  async read(uri: string, services: Services, cancel: AbortSignal): Promise<Reading> {
    const { traits, read } = this.#find(uri, services.config);
    const body = await withDeadline({ tool: traits.name, maxTimeMs, cancel }, async (signal) => {
      return await read(this.#contextOf(services, signal));
    });
    return { uri, mimeType: traits.mimeType, body };
  }

  /**
   * Calls `changed` when the resource changes, until disposed of; null for one that never does.
   * @throws resource/resource_not_found, permission/tool_not_allowed
   */
  watch(uri: string, services: Services, changed: () => void): Disposable | null {
    return this.#find(uri, services.config).watch(services, changed);
  }

  #find(uri: string, config: Config): Found {
    const found = this.#match(uri);
    if (found === null) {
      const known = this.within(config);
      throw resourceError("resource_not_found", `Cannot read "${uri}": there is no such resource`, {
        uri,
        resources: known.resources.map((resource) => resource.uri),
        templates: known.templates.map((template) => template.uriTemplate),
      });
    }
    const barrier = obstacle(found.traits, config);
    if (barrier !== null) throw notAllowed(found.traits, config, barrier, "read");
    return found;
  }

  #match(uri: string): Found | null {
    const resource = this.resources.find((one) => one.uri === uri);
    if (resource !== undefined) {
      return {
        traits: resource,
        read: (context) => resource.read(context),
        watch: (services, changed) => resource.watch?.(services, changed) ?? null,
      };
    }
    for (const template of this.templates) {
      const match = template.match(uri);
      if (match !== null) return { traits: template, ...match };
    }
    return null;
  }

  /** @throws validation/unknown_prompt, invalid_arguments, permission/tool_not_allowed */
  async render(
    name: string,
    args: unknown,
    services: Services,
    cancel: AbortSignal,
  ): Promise<readonly PromptMessage[]> {
    const prompt = this.#prompt(name, services.config);
    const prepared = prompt.prepare(args);
    if (!prepared.ok) throw explainIssues("prompt", prompt, args, prepared.issues);
    return await withDeadline({ tool: name, maxTimeMs, cancel }, (signal) => {
      return prepared.render(this.#contextOf(services, signal));
    });
  }

  #prompt(name: string, config: Config): Prompt {
    const prompt = this.prompts.find((one) => one.name === name);
    if (prompt === undefined) {
      const names = this.within(config).prompts.map((one) => one.name);
      const meant = didYouMean(name, names);
      throw validationError("unknown_prompt", `There is no prompt "${name}"${meant}`, {
        prompts: names,
      });
    }
    const barrier = obstacle(prompt, config);
    if (barrier !== null) throw notAllowed(prompt, config, barrier, "get");
    return prompt;
  }

  /** What can stand in for a text that begins like this; nothing where nothing is known. */
  async complete(
    subject: CompletionSubject,
    argument: CompletionArgument,
    services: Services,
  ): Promise<Completion> {
    const known = this.#completer(subject, argument.name, services.config);
    const typed = argument.typed.toLowerCase();
    const offered = await known?.(argument.typed, services, argument.given ?? {}) ?? [];
    const isCounted = Array.isArray(offered);
    const values: string[] = [];
    let total = 0;
    for (const value of offered) {
      if (!value.toLowerCase().startsWith(typed)) continue;
      if (++total <= mostCompletions) values.push(value);
      else if (!isCounted) return { values, total: null };
    }
    return { values, total };
  }

  #completer(subject: CompletionSubject, argument: string, config: Config): Complete | null {
    if (subject.kind === "prompt") {
      const prompt = this.#prompt(subject.name, config);
      requireArgument(argument, prompt.argumentList.map((one) => one.name), subject.name);
      return prompt.completer(argument);
    }
    const template = this.templates.find((one) => one.uriTemplate === subject.uriTemplate);
    if (template === undefined) throw noTemplate(subject.uriTemplate);
    const barrier = obstacle(template, config);
    if (barrier !== null) throw notAllowed(template, config, barrier, "read");
    requireArgument(argument, template.variableNames, subject.uriTemplate);
    return template.completer(argument);
  }

  #contextOf(services: Services, signal: AbortSignal): ReadContext {
    const { config } = services;
    const { role, byteBudget } = config;
    const tools = this.#tools.filter((tool) => obstacle(tool, config) === null);
    return { ...services, tools, request: { signal, role, byteBudget } };
  }
}

function noTemplate(uriTemplate: string): EBPFError {
  return resourceError("resource_not_found", `There is no resource template "${uriTemplate}"`);
}

function requireArgument(name: string, known: readonly string[], subject: string): void {
  if (known.includes(name)) return;
  throw validationError("invalid_arguments", `"${subject}" has no argument "${name}"`, {
    accepted: known,
  });
}
