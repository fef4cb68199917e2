// Every call passes here: reach -> validate -> limits -> deadline -> run -> stamp.
import type { Config } from "../config.ts";
import { EBPFError, type ErrorObject, internalError } from "../errors.ts";
import { log } from "../log.ts";
import { type Client, nobody } from "../tools/client.ts";
import type { Content } from "../tools/content.ts";
import type {
  RequestContext,
  Services,
  Tool,
  ToolContext,
  ToolResult,
} from "../tools/define_tool.ts";
import { version } from "../version.ts";
import { toJson } from "../view/json.ts";
import { checkSize, explainIssues } from "./arguments.ts";
import { boundedError } from "./bounded_error.ts";
import { withDeadline } from "./deadline.ts";
import { Enclosures } from "./enclosures.ts";
import { Library, type LibraryContents } from "./library.ts";
import { insteadOf } from "./older_names.ts";
import { checkNames, notAllowed, obstacle, type Offers } from "./reach.ts";

/** The bytes of `tool_version`, `execution_time_ms` and the braces, taken off every budget. */
const stampBytes = 128;

/** `json` is the answer as it reaches the client: the result, or `{"error": …}`. */
export type Answer =
  | {
    readonly ok: true;
    readonly result: ToolResult;
    readonly json: string;
    /** Pictures, sounds and resources that go with it. */
    readonly enclosed: readonly Content[];
  }
  | { readonly ok: false; readonly error: ErrorObject; readonly json: string };

/** What the transport knows of a call. */
export interface CallRequest {
  readonly signal: AbortSignal;
  progress: RequestContext["progress"];
  /** Who may be asked; nobody unless told. */
  readonly client?: Client;
}

/**
 * The tools of the program, and its library of resources and prompts. Stateless: what a connection
 * owns is in its services.
 */
export class Registry {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly library: Library;

  constructor(tools: readonly Tool[], contents: LibraryContents = {}) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.library = new Library(contents, tools);
    const names = [...tools, ...this.library.all].map(({ name }) => name);
    if (new Set(names).size !== names.length) throw internalError("Two offers share a name");
  }

  /** Every tool, whether within reach or not. */
  get tools(): Tool[] {
    return [...this.#tools.values()];
  }

  /** What there is of tools, resources and prompts. */
  get offers(): Offers {
    const { resources, templates, prompts } = this.library;
    return { tools: this.tools, resources, templates, prompts };
  }

  /**
   * Refuses a configuration that names what does not exist.
   * @throws validation/invalid_configuration
   */
  check(config: Config): void {
    checkNames(this.offers, config);
  }

  /** The tools that a connection with this configuration may call. */
  within(config: Config): Tool[] {
    return this.tools.filter((tool) => obstacle(tool, config) === null);
  }

  /** The tools that exist but are hidden by role or flags. */
  beyond(config: Config): Tool[] {
    return this.tools.filter((tool) => obstacle(tool, config) !== null);
  }

  find(name: string): Tool | null {
    return this.#tools.get(name) ?? null;
  }

  /** `Unknown tool "x"`, with what was probably meant. */
  describeUnknown(name: string): string {
    const short = name.slice(0, 100);
    return `Unknown tool "${short}"${insteadOf(short, [...this.#tools.keys()])}`;
  }

  /** Calls a tool. Never throws: whatever goes wrong is the answer. */
  async call(
    tool: Tool,
    args: unknown,
    services: Services,
    request: CallRequest,
  ): Promise<Answer> {
    const started = performance.now();
    const enclosures = new Enclosures(services.config.byteBudget);
    try {
      const result = await this.#run(tool, args, services, request, enclosures);
      const elapsed = Math.round((performance.now() - started) * 1000) / 1000;
      const stamped = { ...result, tool_version: version, execution_time_ms: elapsed };
      const { blocks } = enclosures;
      return { ok: true, result: stamped, json: toJson(stamped), enclosed: blocks };
    } catch (error) {
      return toErrorAnswer(toErrorObject(tool.name, error));
    }
  }

  async #run(
    tool: Tool,
    args: unknown,
    services: Services,
    request: CallRequest,
    enclosures: Enclosures,
  ): Promise<ToolResult> {
    const { config } = services;
    const barrier = obstacle(tool, config);
    if (barrier !== null) throw notAllowed(tool, config, barrier);
    checkSize(tool.name, args);
    const prepared = tool.prepare(args);
    if (!prepared.ok) throw explainIssues("tool", tool, args, prepared.issues);
    const limits = { tool: tool.name, maxTimeMs: tool.maxTimeMs, cancel: request.signal };
    return await withDeadline(limits, (signal) => {
      const context: ToolContext = {
        ...services,
        tools: this.within(config),
        request: {
          signal,
          role: config.role,
          byteBudget: config.byteBudget - stampBytes,
          progress: request.progress,
          client: request.client ?? nobody,
          enclose: (content) => enclosures.add(content),
        },
      };
      return prepared.run(context);
    });
  }
}

/** An error as an answer, cut where what it quotes is too long for one. */
export function toErrorAnswer(whole: ErrorObject): Answer {
  const error = boundedError(whole);
  return { ok: false, error, json: toJson({ error }) };
}

/** Ours as they are; anything else is our fault, told in the log and not in the answer. */
export function toErrorObject(name: string, error: unknown): ErrorObject {
  const now = new Date();
  if (error instanceof EBPFError) return error.toObject(now);
  const detail = error instanceof Error ? error.stack ?? error.message : String(error);
  log("registry").error("{name} failed unexpectedly: {detail}", { name, detail });
  return internalError(`Cannot finish "${name}": an unexpected error, see the log on stderr`, {
    name,
  }).toObject(now);
}
