// A client that sends whatever bytes it likes, and sees each line that comes back.
import assert from "node:assert/strict";
import * as z from "zod";
import { environment } from "../../scripts/command.ts";
import type { Arguments, SessionOptions } from "./client.ts";
import { Lines } from "./lines.ts";
import { launch } from "./server_command.ts";
import { within } from "./within.ts";

const answerTimeoutMs = 30_000;
const endTimeoutMs = 10_000;

const message = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.int(), z.string()]).nullable().optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.looseObject({ code: z.int(), message: z.string() }).optional(),
});

export type Message = z.infer<typeof message>;

export class LineClient implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: Lines;
  readonly #encoder = new TextEncoder();
  #lastId = 0;
  #open = true;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = new Lines(child.stdout);
  }

  static start({ args = ["--role", "admin"], env, wrapper }: SessionOptions = {}): LineClient {
    const { program, args: rest } = launch(["serve", ...args], wrapper);
    const command = new Deno.Command(program, {
      args: [...rest],
      env: { ...environment(), ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    return new LineClient(command.spawn());
  }

  /** Starts a server and initializes. */
  static async connect(options: SessionOptions = {}): Promise<LineClient> {
    const client = LineClient.start(options);
    await client.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "lines", version: "1" },
    });
    await client.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return client;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** A message, or a line without its newline, or bytes as they are. */
  async send(what: Message | string | Uint8Array<ArrayBuffer>): Promise<void> {
    if (what instanceof Uint8Array) return await this.#writer.write(what);
    const line = typeof what === "string" ? what : JSON.stringify(what);
    await this.#writer.write(this.#encoder.encode(`${line}\n`));
  }

  /** Sends a request and answers its id at once. */
  async post(method: string, params?: Arguments): Promise<number> {
    const id = ++this.#lastId;
    await this.send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    return id;
  }

  /** The answer to a request; what comes before it is skipped. */
  async request(method: string, params?: Arguments): Promise<Message> {
    return await this.answer(await this.post(method, params));
  }

  async answer(id: number): Promise<Message> {
    for (;;) {
      const received = await this.receive();
      if (received.id === id && received.method === undefined) return received;
    }
  }

  /** The next message; rejects when the output ends first. */
  async receive(): Promise<Message> {
    const line = await this.receiveLine();
    assert.ok(line !== null, "the server's output ended");
    const value: unknown = JSON.parse(line);
    return message.parse(value);
  }

  /** The next line; null at the output's end. */
  async receiveLine(): Promise<string | null> {
    return await within(answerTimeoutMs, "an answer", this.#lines.next());
  }

  /** The server still answers. */
  async ping(): Promise<void> {
    assert.deepEqual((await this.request("ping")).result, {});
  }

  /** What a tool answered, as its structured content. */
  async call(name: string, args: Arguments): Promise<Arguments> {
    const { result } = await this.request("tools/call", { name, arguments: args });
    const shown = JSON.stringify(result);
    assert.notEqual(result?.isError, true, shown);
    return z.record(z.string(), z.unknown()).parse(result?.structuredContent);
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Ends the server's input, after which it must end itself. */
  async closeInput(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#writer.close().catch(() => {}); // it is gone already
  }

  /** Vanishes: nobody writes or reads any more, as when the client's process is killed. */
  async vanish(): Promise<void> {
    await this.#lines.cancel();
    await this.closeInput();
  }

  /** How the server ended. */
  ended(): Promise<Deno.CommandStatus> {
    return within(endTimeoutMs, "the server's end", this.#child.status);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vanish();
    await this.ended();
  }
}
