// Just enough of an MCP client to measure our server on stdio.
import { isNode, type JsonNode, nodeOf } from "../ffi/json_node.ts";
import { LineProcess } from "./line_process.ts";

export class McpClient implements AsyncDisposable {
  readonly #process: LineProcess;
  #lastId = 0;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Starts the server and answers once it answered `initialize`. */
  static async connect(program: string, args: readonly string[]): Promise<McpClient> {
    const client = new McpClient(LineProcess.start(program, args));
    await client.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    });
    await client.#send({ method: "notifications/initialized" });
    return client;
  }

  /** The result of a request, and the bytes of the line that brought it. */
  async request(method: string, params: JsonNode): Promise<{ result: JsonNode; bytes: number }> {
    const id = ++this.#lastId;
    await this.#send({ id, method, params });
    for (;;) {
      const line = await this.#process.receive();
      const message: unknown = JSON.parse(line);
      if (isNode(message) && message.id === id) {
        return { result: nodeOf(message, "result"), bytes: new TextEncoder().encode(line).length };
      }
    }
  }

  async #send(message: JsonNode): Promise<void> {
    await this.#process.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
