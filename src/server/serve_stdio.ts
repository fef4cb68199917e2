// One client on stdin and stdout, from its first byte to the release of all it made.
import { log } from "../log.ts";
import { Connection } from "./connection.ts";
import { makeMcpServer } from "./mcp_server.ts";
import type { Registry } from "./registry.ts";
import { type ByteReader, StdioTransport } from "./stdio.ts";
import type { ByteWriter } from "./line_writer.ts";
import type { Services } from "../tools/define_tool.ts";

export interface StdioOptions {
  readonly registry: Registry;
  readonly services: Services;
  readonly input: ByteReader;
  readonly output: ByteWriter;
  /** Aborted when the process is told to end. */
  readonly ending: AbortSignal;
  /** Called when the client has its answer to `initialize` and says so. */
  initialized?(): void;
}

/** Serves until the input ends, the output breaks or `ending` aborts; then releases everything. */
export async function serveStdio(options: StdioOptions): Promise<void> {
  await using connection = new Connection(options.registry, options.services);
  const transport = new StdioTransport(options.input, options.output);
  transport.onlastcall = () => connection.cancel();
  const end = () => void transport.close();
  options.ending.addEventListener("abort", end, { once: true });
  const server = makeMcpServer(connection);
  server.oninitialized = () => options.initialized?.();
  await server.connect(transport);
  if (options.ending.aborted) end();
  await transport.closed;
  options.ending.removeEventListener("abort", end);
  log("server").info("the connection is over");
}
