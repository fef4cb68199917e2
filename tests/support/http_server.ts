// The program under test on HTTP: plain requests as anybody could send them, and the SDK's client.
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/streamableHttp"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import * as z from "zod";
import { environment } from "../../scripts/command.ts";
import { type Loaded, loaded } from "./answers.ts";
import { ProcessOutput } from "./process_output.ts";
import { launch } from "./server_command.ts";
import { within } from "./within.ts";
import { initializeRequest } from "./initialize.ts";

const endTimeoutMs = 15_000;
const serving = /ebpf-mcp: serving (\S+); (.*)/;

export const tokens = ["first-token-0123456789", "second-token-9876543210"] as const;

export interface ServerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the token file holds; null: none is given to the server. */
  readonly tokens?: readonly string[] | null;
  readonly address?: string;
}

export interface RequestChoices extends RequestInit {
  /** The first of the two, unless told; null: none. */
  readonly token?: string | null;
  readonly client?: Deno.HttpClient;
}

const message = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  method: z.string().optional(),
  result: z.looseObject({}).optional(),
  error: z.looseObject({ code: z.int(), message: z.string() }).optional(),
});

export type Message = z.infer<typeof message>;

export class HttpServer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: ProcessOutput;
  readonly #folder: string;

  private constructor(
    process: Deno.ChildProcess,
    output: ProcessOutput,
    folder: string,
    /** Where it serves, as it says itself. */
    readonly url: string,
    /** What it says of who may call. */
    readonly access: string,
  ) {
    this.#process = process;
    this.#output = output;
    this.#folder = folder;
  }

  /** Starts it on a free port for admins, unless told otherwise. */
  static async start(options: ServerOptions = {}): Promise<HttpServer> {
    const folder = await Deno.makeTempDir({ prefix: "http-test-" });
    const file = `${folder}/tokens`;
    const given = options.tokens === undefined ? tokens : options.tokens;
    if (given !== null) await Deno.writeTextFile(file, given.join("\n"), { mode: 0o600 });
    const { program, args } = launch([
      "serve",
      "--http",
      options.address ?? "127.0.0.1:0",
      ...(given === null ? [] : ["--token-file", file]),
      "--role",
      "admin",
      ...options.args ?? [],
    ]);
    const process = new Deno.Command(program, {
      args: [...args],
      env: { ...environment(), ...options.env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const output = new ProcessOutput(process.stderr);
    const [, url = "", access = ""] = serving.exec(await output.firstLine(serving)) ?? [];
    return new HttpServer(process, output, folder, url, access);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get tokenFile(): string {
    return `${this.#folder}/tokens`;
  }

  /** A request with everything right, save what `init` says. */
  async send(init: RequestChoices = {}): Promise<Response> {
    const { token = tokens[0], ...rest } = init;
    const headers = new Headers({
      Accept: "application/json, text/event-stream",
      "Content-Type": "application/json",
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return await fetch(this.url, { method: "POST", ...rest, headers });
  }

  /** The status of a request; its body is read and let go. */
  async status(init: RequestChoices = {}): Promise<number> {
    const response = await this.send(init);
    await response.body?.cancel();
    return response.status;
  }

  /** Initializes with plain requests; answers the session's id. */
  async begin(token: string = tokens[0]): Promise<string> {
    const response = await this.send({ token, body: JSON.stringify(initializeRequest) });
    assert.equal(response.status, 200, await response.clone().text());
    await response.body?.cancel();
    const id = response.headers.get("mcp-session-id");
    assert.ok(id !== null, "a session id is given");
    return id;
  }

  /** The SDK's client, connected. */
  async connect(token: string = tokens[0]): Promise<HttpClient> {
    const transport = new StreamableHTTPClientTransport(new URL(this.url), {
      requestInit: { headers: { Authorization: `Bearer ${token}` } },
    });
    const client = new Client({ name: "e2e", version: "1.0.0" });
    await client.connect(transport);
    return new HttpClient(client, transport);
  }

  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Its exit code; it must end by itself. */
  async ended(): Promise<number> {
    const { code } = await within(endTimeoutMs, "the server's end", this.#process.status);
    await within(endTimeoutMs, "the end of the server's output", this.#output.ended);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.ended();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A client over HTTP; its session lives on the server until it is deleted. */
export class HttpClient implements AsyncDisposable {
  readonly #transport: StreamableHTTPClientTransport;

  constructor(readonly client: Client, transport: StreamableHTTPClientTransport) {
    this.#transport = transport;
  }

  get sessionId(): string {
    return this.#transport.sessionId ?? "";
  }

  /** The structured answer of a call that must succeed. */
  async ask<Answer>(
    shape: z.ZodType<Answer>,
    name: string,
    args: Record<string, unknown> = {},
  ): Promise<Answer> {
    const { isError, structuredContent, content } = await this.client.callTool({
      name,
      arguments: args,
    });
    assert.notEqual(isError, true, `${name} answered ${JSON.stringify(content)}`);
    return shape.parse(structuredContent);
  }

  load(path: string): Promise<Loaded> {
    return this.ask(loaded, "load_program", { source: { type: "file", path } });
  }

  /** DELETE: the session and all it made is gone when this returns. */
  async end(): Promise<void> {
    await this.#transport.terminateSession();
  }

  /** Lets the connection go, as a client that crashes: the server is told nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** The JSON-RPC messages of an answer, a stream or a single one. */
export async function messagesOf(response: Response): Promise<Message[]> {
  const text = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
    return [message.parse(JSON.parse(text))];
  }
  const data = text.split("\n").filter((line) => line.startsWith("data: {"));
  return data.map((line) => message.parse(JSON.parse(line.slice("data: ".length))));
}
