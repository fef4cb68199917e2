// The protocol's methods on the SDK's low-level Server, for one connection.
// @ts-types="@modelcontextprotocol/sdk/server"
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
// @ts-types="@modelcontextprotocol/sdk/shared/protocol"
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type {
  CallToolResult,
  ServerNotification,
  ServerRequest,
  // @ts-types="@modelcontextprotocol/sdk/types"
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { log } from "../log.ts";
import type { RequestContext } from "../tools/define_tool.ts";
import { version } from "../version.ts";
import type { Connection } from "./connection.ts";
import { type Contract, listingOf } from "./contract.ts";
import { instructions } from "./instructions.ts";
import type { Answer } from "./registry.ts";
import { invalidParamsCode, methodNotFoundCode } from "./wire.ts";

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** An error on the level of JSON-RPC; the SDK sends its code and message as they are. */
class ProtocolError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

// Loose on purpose: what does not fit is refused here, as -32602 and in our words.
const listRequest = z.object({ method: z.literal("tools/list"), params: z.unknown().optional() });
const callRequest = z.object({ method: z.literal("tools/call"), params: z.unknown().optional() });
const callParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
});

/** Makes the server of one connection; connect it to a transport to start it. */
export function makeMcpServer(connection: Connection): Server {
  const { registry, services } = connection;
  const server = new Server({ name: "ebpf-mcp", title: "ebpf-mcp", version }, {
    capabilities: { tools: {} },
    instructions: instructions(registry.tools, services.config),
    jsonSchemaValidator: noElicitation,
  });
  let contracts: Contract[] | null = null;
  server.setRequestHandler(listRequest, ({ params }) => {
    if (hasCursor(params)) {
      throw new ProtocolError(invalidParamsCode, "tools/list has one page: no cursor is valid");
    }
    contracts ??= registry.within(services.config).map(listingOf);
    return { tools: contracts };
  });
  server.setRequestHandler(callRequest, ({ params }, extra) => callTool(connection, params, extra));
  server.fallbackRequestHandler = ({ method }) => {
    const message = `Unknown method "${method.slice(0, 100)}"`;
    return Promise.reject(new ProtocolError(methodNotFoundCode, message));
  };
  server.onerror = (error) => log("server").info("protocol: {message}", { message: error.message });
  return server;
}

/** The SDK validates only answers to elicitation, which we never ask for; ajv costs start-up. */
const noElicitation = {
  getValidator(): never {
    throw new Error("nothing is elicited");
  },
};

function hasCursor(params: unknown): boolean {
  return typeof params === "object" && params !== null && "cursor" in params &&
    params.cursor !== undefined;
}

async function callTool(
  connection: Connection,
  params: unknown,
  extra: Extra,
): Promise<CallToolResult> {
  const parsed = callParams.safeParse(params);
  if (!parsed.success) {
    const wanted = `wanted {"name": text, "arguments": object}`;
    throw new ProtocolError(invalidParamsCode, `Cannot read the params of tools/call: ${wanted}`);
  }
  const { name } = parsed.data;
  const tool = connection.registry.find(name);
  if (tool === null) {
    throw new ProtocolError(invalidParamsCode, connection.registry.describeUnknown(name));
  }
  // Not parsed.data.arguments: zod drops a key "__proto__", and an unknown argument is refused.
  const args = argumentsOf(params);
  const progress = progressSender(extra);
  return toResult(await connection.call(tool, args, { signal: extra.signal, progress }));
}

function argumentsOf(params: unknown): unknown {
  if (typeof params !== "object" || params === null || !("arguments" in params)) return {};
  return params.arguments ?? {};
}

/** An error is text alone: the SDK's client holds structured content against outputSchema. */
function toResult(answer: Answer): CallToolResult {
  const content: CallToolResult["content"] = [{ type: "text", text: answer.json }];
  return answer.ok ? { content, structuredContent: answer.result } : { content, isError: true };
}

/** MCP wants each progress greater than the last; a repeated one is raised by a trifle. */
const trifle = 1e-6;

function progressSender(extra: Extra): RequestContext["progress"] {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return () => Promise.resolve();
  let last = -1;
  return async (message, done, total) => {
    last = Math.max(done ?? Math.floor(last) + 1, last + trifle);
    const params = {
      progressToken,
      progress: last,
      message,
      ...(total === undefined ? {} : { total }),
    };
    await extra.sendNotification({ method: "notifications/progress", params });
  };
}
