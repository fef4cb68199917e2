// The protocol's methods on the SDK's low-level Server, for one connection.
// @ts-types="@modelcontextprotocol/sdk/server"
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { ServerCapabilities } from "@modelcontextprotocol/sdk/types.js";
import { log } from "../log.ts";
import { version } from "../version.ts";
import type { Connection } from "./connection.ts";
import { instructions } from "./instructions.ts";
import type { LibraryContents } from "./library.ts";
import { LogLevel } from "./log_level.ts";
import { serveCompletion, servePrompts } from "./prompt_methods.ts";
import { ProtocolError } from "./protocol_error.ts";
import { serveResources, tellOfUpdate } from "./resource_methods.ts";
import { Subscriptions } from "./subscriptions.ts";
import { serveTools } from "./tool_methods.ts";
import { methodNotFoundCode } from "./wire.ts";

/** Makes the server of one connection; connect it to a transport to start it. */
export function makeMcpServer(connection: Connection): Server {
  const { registry, services } = connection;
  const capabilities = capabilitiesOf(registry.library.within(services.config));
  const server = new Server({ name: "ebpf-mcp", title: "ebpf-mcp", version }, {
    capabilities,
    instructions: instructions(registry.tools, services.config),
    jsonSchemaValidator: ownValidation,
  });
  const level = new LogLevel();
  level.serve(server);
  serveTools(server, connection, level);
  const subscriptions = new Subscriptions(connection, (uri) => tellOfUpdate(server, uri));
  server.onclose = () => subscriptions[Symbol.dispose]();
  if (capabilities.resources) serveResources(server, connection, subscriptions);
  if (capabilities.prompts) servePrompts(server, connection);
  if (capabilities.completions) serveCompletion(server, connection);
  server.fallbackRequestHandler = ({ method }) => {
    const message = `Unknown method "${method.slice(0, 100)}"`;
    return Promise.reject(new ProtocolError(methodNotFoundCode, message));
  };
  server.onerror = (error) => log("server").info("protocol: {message}", { message: error.message });
  return server;
}

/** What this connection can do, and nothing that it cannot. */
function capabilitiesOf(within: Required<LibraryContents>): ServerCapabilities {
  const { resources, templates, prompts } = within;
  const hasResources = resources.length + templates.length > 0;
  const hasPrompts = prompts.length > 0;
  return {
    tools: {},
    logging: {},
    ...(hasResources ? { resources: { subscribe: true } } : {}),
    ...(hasPrompts ? { prompts: {} } : {}),
    ...(hasPrompts || templates.length > 0 ? { completions: {} } : {}),
  };
}

/** Elicited forms are validated by `form_answer.ts`; the SDK's ajv would cost start-up. */
const ownValidation = {
  getValidator(): never {
    throw new Error("the SDK validates nothing here");
  },
};
