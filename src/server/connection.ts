// One client: its services, its calls in flight, and their end.
import { type EBPFError, resourceError } from "../errors.ts";
import { log } from "../log.ts";
import type { Services, Tool } from "../tools/define_tool.ts";
import { type Answer, type CallRequest, type Registry, toErrorAnswer } from "./registry.ts";

/** A client that wants more at once waits for nothing: it is refused. */
const mostCalls = 64;

/** How long the end waits for calls to unwind before the session goes away under them. */
const unwindTimeoutMs = 3_000;

export class Connection implements AsyncDisposable {
  readonly #registry: Registry;
  readonly #services: Services;
  readonly #ending = new AbortController();
  readonly #calls = new Set<Promise<unknown>>();
  #disposed: Promise<void> | null = null;

  constructor(registry: Registry, services: Services) {
    this.#registry = registry;
    this.#services = services;
  }

  get registry(): Registry {
    return this.#registry;
  }

  get services(): Services {
    return this.#services;
  }

  /** How many requests are being worked on. */
  get running(): number {
    return this.#calls.size;
  }

  /** Calls a tool; the end of the connection cancels it like the client's own signal. */
  async call(tool: Tool, args: unknown, request: CallRequest): Promise<Answer> {
    if (this.#isFull()) return toErrorAnswer(tooManyCalls(tool.name).toObject(new Date()));
    return await this.#track(request.signal, (signal) => {
      return this.#registry.call(tool, args, this.#services, { ...request, signal });
    });
  }

  /**
   * Does other work of this client, a reading say, with the same end and the same bound.
   * @throws resource/limit_exceeded, and what the work throws
   */
  async run<Result>(
    name: string,
    cancel: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (this.#isFull()) throw tooManyCalls(name);
    return await this.#track(cancel, work);
  }

  #isFull(): boolean {
    return this.#calls.size >= mostCalls;
  }

  async #track<Result>(
    cancel: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const call = work(AbortSignal.any([cancel, this.#ending.signal]));
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Cancels what runs and whatever comes after it. */
  cancel(): void {
    this.#ending.abort();
  }

  /** Cancels what runs, waits for it to unwind, and releases what the session owns. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#end();
    return this.#disposed;
  }

  async #end(): Promise<void> {
    this.cancel();
    let timer: number | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, unwindTimeoutMs);
    });
    await Promise.race([Promise.allSettled(this.#calls), patience]);
    clearTimeout(timer);
    if (this.#calls.size > 0) {
      log("server").warning("{calls} calls still ran at the end", { calls: this.#calls.size });
    }
    await this.#services.session[Symbol.asyncDispose]();
  }
}

function tooManyCalls(name: string): EBPFError {
  return resourceError(
    "limit_exceeded",
    `Cannot call "${name}": ${mostCalls} calls are running, the maximum`,
    { max_calls: mostCalls, hint: "Wait for an answer, or cancel a call" },
  );
}
