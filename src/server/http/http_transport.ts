// The SDK's Streamable HTTP transport, and which of its requests wait for an answer.
// @ts-types="@modelcontextprotocol/sdk/server/webStandardStreamableHttp"
import * as sdk from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { TransportSendOptions } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { invalidRequestCode, type RequestId } from "../wire.ts";
import { refusal } from "./reply.ts";

export class HttpTransport extends sdk.WebStandardStreamableHTTPServerTransport {
  readonly #unanswered = new Set<RequestId>();

  constructor(id: string) {
    super({ sessionIdGenerator: () => id });
  }

  /** Answers a POST whose body is read already. */
  async post(request: Request, message: JSONRPCMessage): Promise<Response> {
    const id = "method" in message && "id" in message ? message.id : null;
    if (id !== null && this.#unanswered.has(id)) {
      // The SDK would send the first answer to the second request, and leave the first one open.
      return refusal(400, `Request ${JSON.stringify(id)} is being worked on already`, {
        code: invalidRequestCode,
      });
    }
    if (id !== null) this.#unanswered.add(id);
    const response = await this.handleRequest(request, { parsedBody: message });
    if (id !== null && response.status !== 200) this.#unanswered.delete(id);
    const cancelled = cancelledId(message);
    if (cancelled !== null) this.#giveUp(cancelled);
    return response;
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!("method" in message) && message.id !== undefined) this.#unanswered.delete(message.id);
    await super.send(message, options);
  }

  /** The SDK never answers what was cancelled, nor closes its stream. */
  #giveUp(id: RequestId): void {
    if (!this.#unanswered.delete(id)) return;
    this.closeSSEStream(id);
  }
}

function cancelledId(message: JSONRPCMessage): RequestId | null {
  if (!("method" in message) || message.method !== "notifications/cancelled") return null;
  const id: unknown = message.params?.requestId;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
