// Every call passes here: reach -> validate -> limits -> deadline -> run -> stamp.
import type { Config } from "../config.ts";
import { EBPFError, type ErrorObject, internalError } from "../errors.ts";
import { log } from "../log.ts";
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
import { withDeadline } from "./deadline.ts";
import { insteadOf } from "./older_names.ts";
import { checkToolNames, notAllowed, obstacle } from "./reach.ts";

/** The bytes of `tool_version`, `execution_time_ms` and the braces, taken off every budget. */
const stampBytes = 128;

/** `json` is the answer as it reaches the client: the result, or `{"error": …}`. */
export type Answer =
  | { readonly ok: true; readonly result: ToolResult; readonly json: string }
  | { readonly ok: false; readonly error: ErrorObject; readonly json: string };

/** What the transport knows of a call. */
export interface CallRequest {
  readonly signal: AbortSignal;
  progress: RequestContext["progress"];
}

/** The tools of the program. Stateless: what a connection owns is in its services. */
export class Registry {
  readonly #tools: ReadonlyMap<string, Tool>;

  constructor(tools: readonly Tool[]) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    if (this.#tools.size !== tools.length) throw internalError("Two tools share a name");
  }

  /** Every tool, whether within reach or not. */
  get tools(): Tool[] {
    return [...this.#tools.values()];
  }

  /**
   * Refuses a configuration that names tools which do not exist.
   * @throws validation/invalid_configuration
   */
  check(config: Config): void {
    checkToolNames(this.tools, config);
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
    try {
      const result = await this.#run(tool, args, services, request);
      const elapsed = Math.round((performance.now() - started) * 1000) / 1000;
      const stamped = { ...result, tool_version: version, execution_time_ms: elapsed };
      return { ok: true, result: stamped, json: toJson(stamped) };
    } catch (error) {
      return toErrorAnswer(toErrorObject(tool, error));
    }
  }

  async #run(
    tool: Tool,
    args: unknown,
    services: Services,
    request: CallRequest,
  ): Promise<ToolResult> {
    const { config } = services;
    const barrier = obstacle(tool, config);
    if (barrier !== null) throw notAllowed(tool, config, barrier);
    checkSize(tool.name, args);
    const prepared = tool.prepare(args);
    if (!prepared.ok) throw explainIssues(tool.name, tool.input, args, prepared.issues);
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
        },
      };
      return prepared.run(context);
    });
  }
}

/** An error as an answer. */
export function toErrorAnswer(error: ErrorObject): Answer {
  return { ok: false, error, json: toJson({ error }) };
}

/** Ours as they are; anything else is our fault, told in the log and not in the answer. */
function toErrorObject(tool: Tool, error: unknown): ErrorObject {
  const now = new Date();
  if (error instanceof EBPFError) return error.toObject(now);
  const detail = error instanceof Error ? error.stack ?? error.message : String(error);
  log("registry").error("{tool} failed unexpectedly: {detail}", { tool: tool.name, detail });
  return internalError(`Cannot finish "${tool.name}": an unexpected error, see the log on stderr`, {
    tool: tool.name,
  }).toObject(now);
}
