// One client on stdin and stdout, from its first byte to the release of all it made.
import { log } from "../log.ts";
import type { LateConnection } from "./late_connection.ts";
import { serveConnection, startServer } from "./mcp_server.ts";
import { type ByteReader, StdioTransport } from "./stdio.ts";
import type { ByteWriter } from "./line_writer.ts";

export interface StdioOptions {
  readonly connection: LateConnection;
  readonly input: ByteReader;
  readonly output: ByteWriter;
  /** Aborted when the process is told to end. */
  readonly ending: AbortSignal;
  /** Called when the client has its answer to `initialize` and says so. */
  initialized?(): void;
}

/**
 * Serves until the input ends, the output breaks or `ending` aborts; then releases everything.
 * @throws what opening the connection throws
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  await using connection = options.connection;
  const transport = new StdioTransport(options.input, options.output);
  const started = startServer(connection.offers, connection.config);
  let isServed = false;
  let failure: unknown = null;
  transport.onbefore = async (method) => {
    if (isServed || !connection.isNeededBy(method)) return;
    try {
      serveConnection(started, await connection.open());
      isServed = true;
    } catch (error) {
      failure ??= error;
      await transport.close();
    }
  };
  transport.onlastcall = () => void connection.cancel();
  const end = () => void transport.close();
  options.ending.addEventListener("abort", end, { once: true });
  started.server.oninitialized = () => options.initialized?.();
  await started.server.connect(transport);
  if (options.ending.aborted) end();
  await transport.closed;
  options.ending.removeEventListener("abort", end);
  if (failure !== null) throw failure;
  log("server").info("the connection is over");
}
