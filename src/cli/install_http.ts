// A client's configuration for a server on HTTP. The token is named, never printed: where a client
// can take it from the environment, it does.
import type { HttpAddress } from "../http_config.ts";
import { UsageError } from "./command.ts";

/** Renders the configuration for a server at this address. */
export type RenderUrl = (url: string) => string;

const environmentToken = "Bearer ${env:EBPF_MCP_TOKEN}";

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** By client; one that is missing here reaches only servers that it starts itself. */
export const urlRenderers: ReadonlyMap<string, RenderUrl> = new Map([
  [
    "claude-code",
    (url: string) =>
      `claude mcp add --transport http ebpf-mcp ${url} ` +
      '--header "Authorization: Bearer $EBPF_MCP_TOKEN"',
  ],
  [
    "cursor",
    (url: string) =>
      json({ mcpServers: { "ebpf-mcp": { url, headers: { Authorization: environmentToken } } } }),
  ],
  [
    "vscode",
    (url: string) =>
      json({
        inputs: [{
          type: "promptString",
          id: "ebpf-mcp-token",
          description: "Bearer token of ebpf-mcp",
          password: true,
        }],
        servers: {
          "ebpf-mcp": {
            type: "http",
            url,
            headers: { Authorization: "Bearer ${input:ebpf-mcp-token}" },
          },
        },
      }),
  ],
  [
    "codex",
    (url: string) =>
      `[mcp_servers.ebpf-mcp]\nurl = ${JSON.stringify(url)}\n` +
      'bearer_token_env_var = "EBPF_MCP_TOKEN"',
  ],
  [
    "windsurf",
    (url: string) =>
      json({
        mcpServers: {
          "ebpf-mcp": { serverUrl: url, headers: { Authorization: environmentToken } },
        },
      }),
  ],
  [
    "zed",
    (url: string) =>
      json({
        context_servers: { "ebpf-mcp": { url, headers: { Authorization: "Bearer TOKEN" } } },
      }),
  ],
]);

/** Where clients on this host find the server. @throws UsageError where they cannot */
export function clientUrl(address: HttpAddress): string {
  if (address.kind === "unix") {
    throw new UsageError("clients take no Unix socket: install with --http 127.0.0.1:PORT");
  }
  if (address.port === 0) {
    throw new UsageError("port 0 is another at each start: install with a fixed one");
  }
  const everywhere = ["0.0.0.0", "::"];
  const hostname = everywhere.includes(address.hostname) ? "127.0.0.1" : address.hostname;
  const named = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `http://${named}:${address.port}/mcp`;
}
