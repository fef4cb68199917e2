// One client on HTTP: its principal, and a connection with a session of its own.
// @ts-types="@modelcontextprotocol/sdk/types"
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Connection } from "../connection.ts";
import { makeMcpServer } from "../mcp_server.ts";
import { HttpTransport } from "./http_transport.ts";
import type { Principal } from "./tokens.ts";

export class HttpSession implements AsyncDisposable {
  readonly id: string = crypto.randomUUID();
  readonly #connection: Connection;
  readonly #transport: HttpTransport;
  #open = 0;
  #disposed: Promise<void> | null = null;

  private constructor(readonly principal: Principal, connection: Connection) {
    this.#connection = connection;
    this.#transport = new HttpTransport(this.id);
  }

  /** Takes the connection over: it ends with the session. */
  static async start(principal: Principal, connection: Connection): Promise<HttpSession> {
    const session = new HttpSession(principal, connection);
    await makeMcpServer(connection).connect(session.#transport);
    return session;
  }

  /** True while an answer is on its way, an event stream is open, or a call still runs. */
  get isBusy(): boolean {
    return this.#open > 0 || this.#connection.running > 0;
  }

  get isDisposed(): boolean {
    return this.#disposed !== null;
  }

  /** Counts an answer from its beginning to its end; busy as long as one counts. */
  begin(): void {
    this.#open++;
  }

  end(): void {
    this.#open--;
  }

  /** Answers a POST whose body is read already. */
  async post(request: Request, message: JSONRPCMessage): Promise<Response> {
    return await this.#transport.post(request, message);
  }

  /** Answers a GET: the stream of what is told without being asked. */
  async listen(request: Request): Promise<Response> {
    return await this.#transport.handleRequest(request);
  }

  /** Closes the streams, cancels what runs, and releases what the session owns. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#end();
    return this.#disposed;
  }

  async #end(): Promise<void> {
    await this.#transport.close();
    await this.#connection[Symbol.asyncDispose]();
  }
}
