// One client's session with a server, over stdio or HTTP, and the ways in which it can end.
import * as z from "zod";
import { ScriptError } from "../script_error.ts";
import { HttpServer, messagesOf, tokens } from "../../tests/support/http_server.ts";
import { LineClient } from "../../tests/support/line_client.ts";
import type { Random } from "../../tests/fuzz/random.ts";

export type Arguments = Readonly<Record<string, unknown>>;

/** A tool's answer: its structured content, or the error that it gave. */
export interface Answer {
  readonly isError: boolean;
  readonly content: Readonly<Record<string, unknown>>;
}

export type Ending = "polite" | "vanish" | "kill";

export interface SoakSession {
  /** The server's process. */
  readonly pid: number;
  /** A JSON-RPC request that is not a tool's call; its result. */
  request(method: string, params?: Arguments): Promise<Arguments>;
  call(name: string, args: Arguments): Promise<Answer>;
  /** Calls a tool and takes it back before it has answered. */
  callAndCancel(name: string, args: Arguments): Promise<void>;
  /** Begins a call that nobody waits for: the end comes in the middle of it. */
  beginCall(name: string, args: Arguments): Promise<void>;
  end(how: Ending): Promise<void>;
}

/** A server of its own, over stdio. */
export async function openStdio(args: readonly string[]): Promise<SoakSession> {
  return new StdioSession(await LineClient.connect({ args }));
}

/** A session on a server that others use too; `kill` is not for it. */
export async function openHttp(server: HttpServer, random: Random): Promise<SoakSession> {
  const token = random.pick(tokens);
  return new HttpSession(server, token, await server.begin(token));
}

/** A session on an HTTP server of its own. */
export async function openOwnHttp(args: readonly string[], random: Random): Promise<SoakSession> {
  const server = await HttpServer.start({ args });
  const session = await openHttp(server, random);
  return new OwnHttpSession(server, session);
}

const callResult = z.object({
  isError: z.boolean().optional(),
  content: z.array(z.looseObject({ text: z.string().optional() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
});

const errorText = z.object({ error: z.record(z.string(), z.unknown()) });

function readAnswer(result: unknown): Answer {
  const { isError = false, content, structuredContent } = callResult.parse(result);
  if (!isError) return { isError, content: structuredContent ?? {} };
  return { isError, content: errorText.parse(JSON.parse(content[0]?.text ?? "null")).error };
}

class StdioSession implements SoakSession {
  readonly #line: LineClient;

  constructor(line: LineClient) {
    this.#line = line;
  }

  get pid(): number {
    return this.#line.pid;
  }

  async request(method: string, params: Arguments = {}): Promise<Arguments> {
    const { result, error } = await this.#line.request(method, params);
    if (result === undefined) throw new ScriptError(`${method} answered ${error?.message}`);
    return result;
  }

  async call(name: string, args: Arguments): Promise<Answer> {
    return readAnswer(await this.request("tools/call", { name, arguments: args }));
  }

  async callAndCancel(name: string, args: Arguments): Promise<void> {
    const requestId = await this.#line.post("tools/call", { name, arguments: args });
    await this.#line.ping();
    const params = { requestId, reason: "soak" };
    await this.#line.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
  }

  async beginCall(name: string, args: Arguments): Promise<void> {
    await this.#line.post("tools/call", { name, arguments: args });
  }

  async end(how: Ending): Promise<void> {
    if (how === "kill") this.#line.kill("SIGKILL");
    if (how === "polite") await this.#line.closeInput();
    if (how === "vanish") await this.#line.vanish();
    const { code, signal } = await this.#line.ended();
    await this.#line.vanish();
    const wanted = how === "kill" ? signal === "SIGKILL" : code === 0;
    if (!wanted) throw new ScriptError(`after ${how} a server ended with ${signal ?? code}`);
  }
}

class HttpSession implements SoakSession {
  readonly #server: HttpServer;
  readonly #token: string;
  readonly #headers: Record<string, string>;
  readonly #gone = new AbortController();
  #lastId = 0;

  constructor(server: HttpServer, token: string, id: string) {
    this.#server = server;
    this.#token = token;
    this.#headers = { "Mcp-Session-Id": id };
  }

  get pid(): number {
    return this.#server.pid;
  }

  async request(method: string, params: Arguments = {}): Promise<Arguments> {
    const id = ++this.#lastId;
    const response = await this.#post({ jsonrpc: "2.0", id, method, params });
    const found = (await messagesOf(response)).find((message) => message.id === id);
    if (found?.result !== undefined) return found.result;
    throw new ScriptError(`${method} answered ${response.status} ${found?.error?.message}`);
  }

  async call(name: string, args: Arguments): Promise<Answer> {
    return readAnswer(await this.request("tools/call", { name, arguments: args }));
  }

  async callAndCancel(name: string, args: Arguments): Promise<void> {
    const requestId = ++this.#lastId;
    const params = { name, arguments: args };
    const running = await this.#post({
      jsonrpc: "2.0",
      id: requestId,
      method: "tools/call",
      params,
    });
    const cancelled = await this.#post({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId, reason: "soak" },
    });
    await cancelled.body?.cancel();
    await running.text(); // the server ends the answer without one
  }

  async beginCall(name: string, args: Arguments): Promise<void> {
    const params = { name, arguments: args };
    const id = ++this.#lastId;
    const response = await this.#post({ jsonrpc: "2.0", id, method: "tools/call", params });
    response.body?.cancel().catch(() => {}); // nobody waits for it
  }

  /** To vanish is to say nothing any more: the server finds the session idle. */
  async end(how: Ending): Promise<void> {
    if (how === "vanish") return this.#gone.abort();
    const init = { method: "DELETE", headers: this.#headers, token: this.#token };
    const status = await this.#server.status(init);
    if (status !== 200) throw new ScriptError(`DELETE of a session answered ${status}`);
  }

  async #post(message: Arguments): Promise<Response> {
    return await this.#server.send({
      headers: this.#headers,
      token: this.#token,
      body: JSON.stringify(message),
      signal: this.#gone.signal,
    });
  }
}

class OwnHttpSession implements SoakSession {
  readonly #server: HttpServer;
  readonly #session: SoakSession;

  constructor(server: HttpServer, session: SoakSession) {
    this.#server = server;
    this.#session = session;
  }

  get pid(): number {
    return this.#server.pid;
  }

  request(method: string, params?: Arguments): Promise<Arguments> {
    return this.#session.request(method, params);
  }

  call(name: string, args: Arguments): Promise<Answer> {
    return this.#session.call(name, args);
  }

  callAndCancel(name: string, args: Arguments): Promise<void> {
    return this.#session.callAndCancel(name, args);
  }

  beginCall(name: string, args: Arguments): Promise<void> {
    return this.#session.beginCall(name, args);
  }

  async end(how: Ending): Promise<void> {
    if (how === "kill") this.#server.signal("SIGKILL");
    else await this.#session.end(how);
    await this.#server[Symbol.asyncDispose]();
  }
}
