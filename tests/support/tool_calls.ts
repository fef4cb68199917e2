// Calls tools in a session of their own, through the registry but without a transport.
import { type Config, parseConfig } from "../../src/config.ts";
import type { ErrorObject } from "../../src/errors.ts";
import { Catalogue } from "../../src/gadgets/catalogue.ts";
import { OperatorGadgets } from "../../src/gadgets/operator_gadgets.ts";
import { Host } from "../../src/host/host.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { KernelView } from "../../src/kernel/kernel_view.ts";
import { Loader } from "../../src/kernel/loader.ts";
import { Poller } from "../../src/kernel/poller.ts";
import { RunStatistics } from "../../src/kernel/run_statistics.ts";
import { Registry } from "../../src/server/registry.ts";
import { Session } from "../../src/session/session.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { openSymbolizer } from "./symbols.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Is told each progress message. */
  readonly progress?: (message: string) => void;
}

export class ToolSession implements AsyncDisposable {
  readonly session: Session;
  readonly #config: Config;
  readonly #kernel: KernelView;
  readonly #poller = new Poller();
  readonly #host = new Host();
  readonly #registry = new Registry(toolbox);

  /**
   * @param settings names of flags with their values
   * @param rest what no flag can say
   */
  constructor(settings: Readonly<Record<string, string>> = {}, rest: Partial<Config> = {}) {
    const kernelBtf = new KernelBtf();
    this.#kernel = new KernelView(kernelBtf);
    const decided = parseConfig({
      flags: new Map(Object.entries(settings).map(([name, value]) => [name, [value]])),
      environment: () => undefined,
      workingDirectory: () => Deno.cwd(),
      defaultRole: "operator",
    });
    this.#config = { ...decided, ...rest };
    this.session = new Session({
      loader: new Loader(),
      poller: this.#poller,
      kernelBtf,
      kernelNames: this.#kernel.names,
      runStatistics: new RunStatistics(),
      symbolizer: openSymbolizer(),
      gadgets: catalogueOf(this.#config),
      objectRoots: this.#config.objects,
    });
  }

  /** The structured answer as a client gets it. Throws what was refused, by its code. */
  async call(name: string, args: unknown, options: CallOptions = {}): Promise<unknown> {
    const answer = await this.#answer(name, args, options);
    if (answer.ok) return JSON.parse(answer.json);
    throw new ToolRefusal(answer.error);
  }

  #answer(name: string, args: unknown, options: CallOptions) {
    const tool = this.#registry.find(name);
    if (tool === null) throw new TypeError(`no tool ${name}`);
    return this.#registry.call(tool, args, {
      config: this.#config,
      session: this.session,
      kernel: this.#kernel,
      host: this.#host,
    }, {
      signal: options.signal ?? new AbortController().signal,
      progress: (message) => Promise.resolve(options.progress?.(message)),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.#poller[Symbol.asyncDispose]();
  }
}

function catalogueOf({ gadgets }: Config): Catalogue {
  const embedded = new URL("../../.build/embedded/gadgets/", import.meta.url);
  return new Catalogue(embedded, undefined, gadgets === null ? null : new OperatorGadgets(gadgets));
}

/** A tool's error answer. */
export class ToolRefusal extends Error {
  readonly category: string;
  readonly code: string;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(error: ErrorObject) {
    super(error.message);
    this.category = error.category;
    this.code = error.code;
    this.context = error.context;
  }
}
