// tools/list and tools/call.
// @ts-types="@modelcontextprotocol/sdk/server"
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { RequestContext } from "../tools/define_tool.ts";
import { ClientLink } from "./client_link.ts";
import type { Connection } from "./connection.ts";
import { contentBlock } from "./content_blocks.ts";
import { type Contract, listingsOf } from "./contract.ts";
import type { LogLevel } from "./log_level.ts";
import { type Extra, readParams, refuseCursor, requestOf } from "./method.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { Answer } from "./registry.ts";
import { invalidParamsCode } from "./wire.ts";

const callParams = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
});

export function serveTools(server: Server, connection: Connection, level: LogLevel): void {
  const { registry, services } = connection;
  let contracts: Contract[] | null = null;
  server.setRequestHandler(requestOf("tools/list"), ({ params }) => {
    refuseCursor("tools/list", params);
    contracts ??= listingsOf(registry.within(services.config));
    return { tools: contracts };
  });
  server.setRequestHandler(requestOf("tools/call"), async ({ params }, extra) => {
    const wanted = `{"name": text, "arguments": object}`;
    const { name } = readParams("tools/call", callParams, wanted, params);
    const tool = registry.find(name);
    if (tool === null) throw new ProtocolError(invalidParamsCode, registry.describeUnknown(name));
    // Not the parsed arguments: zod drops a key "__proto__", and an unknown argument is refused.
    const answer = await connection.call(tool, argumentsOf(params), {
      signal: extra.signal,
      progress: progressSender(extra),
      client: new ClientLink(server, extra, level),
    });
    return toResult(answer);
  });
}

/** The arguments as they came; an empty object when none did. */
export function argumentsOf(params: unknown): unknown {
  if (typeof params !== "object" || params === null || !("arguments" in params)) return {};
  return params.arguments ?? {};
}

/** An error is text alone: the SDK's client holds structured content against outputSchema. */
function toResult(answer: Answer): CallToolResult {
  const text = { type: "text" as const, text: answer.json };
  if (!answer.ok) return { content: [text], isError: true };
  const content = [text, ...answer.enclosed.map(contentBlock)];
  return { content, structuredContent: answer.result };
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
