// Streamable HTTP in the test's own process, in front of real sessions.
import assert from "node:assert/strict";
import type { HttpConfig } from "../../src/http_config.ts";
import { parseConfig } from "../../src/config.ts";
import { Host } from "../../src/host/host.ts";
import { KernelBtf } from "../../src/kernel/kernel_btf.ts";
import { KernelView } from "../../src/kernel/kernel_view.ts";
import { prompts } from "../../src/prompts/shelf.ts";
import { resources, resourceTemplates } from "../../src/resources/shelf.ts";
import { serveHttp } from "../../src/server/http/serve_http.ts";
import { type Principal, Tokens } from "../../src/server/http/tokens.ts";
import { Registry } from "../../src/server/registry.ts";
import { toolbox } from "../../src/tools/toolbox.ts";
import { openSession } from "./session.ts";

export const firstToken = "first-token-0123456789";
export const secondToken = "second-token-9876543210";

/** A server that a test ends by disposing it. */
export class HttpInProcess implements AsyncDisposable {
  readonly #ending = new AbortController();
  readonly #served: Promise<void>;
  readonly #address = Promise.withResolvers<string>();
  #tokens = Tokens.of([firstToken, secondToken]);
  #reload = () => {};

  constructor(settings: Partial<HttpConfig> = {}) {
    const config = parseConfig({
      flags: new Map([["http", ["127.0.0.1:0"]], ["objects", ["/"]]]),
      environment: () => undefined,
      workingDirectory: () => "/",
      defaultRole: "operator",
    });
    assert.ok(config.http !== null);
    const kernel = new KernelView(new KernelBtf());
    const host = new Host();
    this.#served = serveHttp({
      registry: new Registry(toolbox, { resources, templates: resourceTemplates, prompts }),
      config: { ...config.http, ...settings },
      gate: {
        identify: async (request) => {
          return (await this.#tokens).identify(request.headers.get("authorization"));
        },
        isWelcome: (principal) => this.#welcome.includes(principal.id),
      },
      openServices: () => Promise.resolve({ config, session: openSession(), kernel, host }),
      ending: this.#ending.signal,
      listening: (url) => Promise.resolve(this.#address.resolve(url)),
      onReload: (listener) => void (this.#reload = listener),
    });
    this.#served.catch((error: unknown) => this.#address.reject(error));
  }

  #welcome: readonly string[] = [];

  /** Where it listens. @throws what listening threw */
  get url(): Promise<string> {
    return this.#address.promise;
  }

  /** From now on only these may call; sessions of others end. */
  async keepOnly(...tokens: string[]): Promise<void> {
    this.#tokens = Tokens.of(tokens);
    const known = await this.#tokens;
    const principals = await Promise.all(
      tokens.map((token) => known.identify(`Bearer ${token}`)),
    );
    this.#welcome = principals.filter((one): one is Principal => one !== null).map(({ id }) => id);
    this.#reload();
  }

  /** A POST with everything right, save what `init` says. */
  async send(init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({
      Accept: "application/json, text/event-stream",
      "Content-Type": "application/json",
      Authorization: `Bearer ${firstToken}`,
    });
    for (const [name, value] of new Headers(init.headers)) {
      if (value === "") headers.delete(name);
      else headers.set(name, value);
    }
    return await fetch(await this.url, { method: "POST", ...init, headers });
  }

  /** The status of a request, whose body is let go. */
  async status(init: RequestInit = {}): Promise<number> {
    const response = await this.send(init);
    await response.body?.cancel();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#served.catch(() => {}); // `url` tells of it
  }
}
