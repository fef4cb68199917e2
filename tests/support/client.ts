// An MCP client as others write it: the SDK's own, over stdio, holding answers against the schemas.
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import * as z from "zod";
import { environment } from "../../scripts/command.ts";
import { isGuest } from "../matrix/kernels.ts";
import {
  type Attached,
  attached,
  type Detached,
  detached,
  type Dumped,
  dumped,
  errorAnswer,
  type ErrorObject,
  type Loaded,
  loaded,
  type Streamed,
  streamed,
  type Unloaded,
  unloaded,
} from "./answers.ts";
import { launch } from "./server_command.ts";
import { within } from "./within.ts";

const callTimeoutMs = 120_000;
const endTimeoutMs = 10_000;

export interface SessionOptions {
  /** Behind `serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the server inside something else. */
  readonly wrapper?: readonly string[];
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: Progress) => void;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export type Arguments = Record<string, unknown>;

const callResult = z.object({
  isError: z.boolean().optional(),
  content: z.tuple([z.object({ type: z.literal("text"), text: z.string() })]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
});

export type CallResult = z.infer<typeof callResult>;

/** A server of its own and a client that is connected to it. */
export class McpSession implements AsyncDisposable {
  readonly #transport: StdioClientTransport;
  readonly #ended = Promise.withResolvers<void>();
  /** The server's, which stays known after its end. */
  readonly pid: number;

  private constructor(readonly client: Client, transport: StdioClientTransport) {
    this.#transport = transport;
    assert.ok(transport.pid !== null, "the server has a pid");
    this.pid = transport.pid;
    client.onclose = () => this.#ended.resolve();
  }

  /** Starts a server for an admin, unless `args` say otherwise, and initializes. */
  static async start(options: SessionOptions = {}): Promise<McpSession> {
    const { args = ["--role", "admin"], env, wrapper } = options;
    const { program, args: rest } = launch(["serve", ...args], wrapper);
    const transport = new StdioClientTransport({
      command: program,
      args: [...rest],
      env: { ...environment(), ...env },
      stderr: "inherit",
    });
    const client = new Client({ name: "e2e", version: "1.0.0" });
    await client.connect(transport);
    // From now on it holds answers against outputSchema: 3 s under emulation, where nothing else is
    // asked than on the machine's own kernel, and the server's own schemas hold them as well.
    if (!isGuest()) await client.listTools();
    return new McpSession(client, transport);
  }

  /** The answer as it came; rejects on JSON-RPC errors. */
  async call(tool: string, args: Arguments = {}, options: CallOptions = {}): Promise<CallResult> {
    const params = { name: tool, arguments: args };
    const answer = await this.client.callTool(params, undefined, {
      timeout: callTimeoutMs,
      ...options,
    });
    return callResult.parse(answer);
  }

  /** The structured answer of a call that must succeed. */
  async ask<Answer>(
    shape: z.ZodType<Answer>,
    tool: string,
    args: Arguments = {},
    options: CallOptions = {},
  ): Promise<Answer> {
    const { isError, content: [{ text }], structuredContent } = await this.call(
      tool,
      args,
      options,
    );
    assert.notEqual(isError, true, `${tool} answered ${text}`);
    assert.deepEqual(JSON.parse(text), structuredContent, "the text is the structured content");
    return shape.parse(structuredContent);
  }

  /** The error of a call that must fail. */
  async refusal(tool: string, args: Arguments = {}, options: CallOptions = {}) {
    const { isError, content: [{ text }] } = await this.call(tool, args, options);
    assert.equal(isError, true, `${tool} answered ${text.slice(0, 500)}, wanted an error`);
    return errorAnswer.parse(JSON.parse(text)).error satisfies ErrorObject;
  }

  load(source: Arguments | string, rest: Arguments = {}): Promise<Loaded> {
    const args = typeof source === "string" ? { type: "file", path: source } : source;
    return this.ask(loaded, "load_program", { source: args, ...rest });
  }

  attach(program_id: number, attachment: Arguments): Promise<Attached> {
    return this.ask(attached, "attach_program", { program_id, attachment });
  }

  detach(attachment_id: string): Promise<Detached> {
    return this.ask(detached, "detach_link", { attachment_id });
  }

  unload(object_id: string | null): Promise<Unloaded> {
    return this.ask(unloaded, "unload_program", { object_id });
  }

  stream(args: Arguments, options: CallOptions = {}): Promise<Streamed> {
    return this.ask(streamed, "stream_events", args, options);
  }

  read(stream_id: string, rest: Arguments = {}): Promise<Streamed> {
    return this.ask(streamed, "read_stream", { stream_id, ...rest });
  }

  stop(stream_id: string): Promise<Streamed> {
    return this.ask(streamed, "stop_stream", { stream_id });
  }

  dump(args: Arguments): Promise<Dumped> {
    return this.ask(dumped, "map_dump", args);
  }

  /** Returns when the server has ended, by itself or by somebody else. */
  async ended(): Promise<void> {
    await within(endTimeoutMs, "the server's end", this.#ended.promise);
  }

  /** Says goodbye as a client does: the server's input ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The transport's own close() does the same, and leaves a timer behind.
    this.#transport["_process"]?.stdin?.end();
    await this.ended();
    await this.client.close();
  }
}
