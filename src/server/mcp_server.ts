// The protocol's methods on the SDK's low-level Server, for one connection.
// @ts-types="@modelcontextprotocol/sdk/server"
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { ServerCapabilities } from "@modelcontextprotocol/sdk/types.js";
import { log } from "../log.ts";
import { version } from "../version.ts";
import type { Config } from "../config.ts";
import type { Connection } from "./connection.ts";
import { instructions } from "./instructions.ts";
import { LogLevel } from "./log_level.ts";
import { serveCompletion, servePrompts } from "./prompt_methods.ts";
import { ProtocolError } from "./protocol_error.ts";
import { type Guarded, obstacle, type Offers } from "./reach.ts";
import { serveResources, tellOfUpdate } from "./resource_methods.ts";
import { Subscriptions } from "./subscriptions.ts";
import { serveTools } from "./tool_methods.ts";
import { methodNotFoundCode } from "./wire.ts";

/** A server that answers `initialize`, and of which `serveConnection` makes a whole one. */
export interface StartedServer {
  readonly server: Server;
  readonly capabilities: ServerCapabilities;
  readonly level: LogLevel;
}

/** Makes the server of one connection; connect it to a transport to start it. */
export function makeMcpServer(connection: Connection): Server {
  const { registry, services } = connection;
  const started = startServer(registry.offers, services.config);
  serveConnection(started, connection);
  return started.server;
}

/** The server as far as it needs no tool: it can be connected, and no other request may come. */
export function startServer(offers: Offers, config: Config): StartedServer {
  const capabilities = capabilitiesOf(offers, config);
  const server = new Server({ name: "ebpf-mcp", title: "ebpf-mcp", version }, {
    capabilities,
    instructions: instructions(offers.tools, config),
    jsonSchemaValidator: ownValidation,
  });
  const level = new LogLevel();
  level.serve(server);
  server.fallbackRequestHandler = ({ method }) => {
    const message = `Unknown method "${method.slice(0, 100)}"`;
    return Promise.reject(new ProtocolError(methodNotFoundCode, message));
  };
  server.onerror = (error) => log("server").info("protocol: {message}", { message: error.message });
  return { server, capabilities, level };
}

/** Adds all that works on the connection. */
export function serveConnection(started: StartedServer, connection: Connection): void {
  const { server, capabilities, level } = started;
  serveTools(server, connection, level);
  const subscriptions = new Subscriptions(connection, (uri) => tellOfUpdate(server, uri));
  server.onclose = () => subscriptions[Symbol.dispose]();
  if (capabilities.resources) serveResources(server, connection, subscriptions);
  if (capabilities.prompts) servePrompts(server, connection);
  if (capabilities.completions) serveCompletion(server, connection);
}

/** What this connection can do, and nothing that it cannot. */
function capabilitiesOf(offers: Offers, config: Config): ServerCapabilities {
  const isWithin = (one: Guarded) => obstacle(one, config) === null;
  const hasTemplates = offers.templates.some(isWithin);
  const hasResources = hasTemplates || offers.resources.some(isWithin);
  const hasPrompts = offers.prompts.some(isWithin);
  return {
    tools: {},
    logging: {},
    ...(hasResources ? { resources: { subscribe: true } } : {}),
    ...(hasPrompts ? { prompts: {} } : {}),
    ...(hasPrompts || hasTemplates ? { completions: {} } : {}),
  };
}

/** Elicited forms are validated by `form_answer.ts`; the SDK's ajv would cost start-up. */
const ownValidation = {
  getValidator(): never {
    throw new Error("the SDK validates nothing here");
  },
};
