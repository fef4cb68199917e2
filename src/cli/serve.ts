// `serve`: MCP over stdio or HTTP, the command when none is named.
import { configFlags, parseConfig, serveFlags } from "../config.ts";
import { EBPFError } from "../errors.ts";
import { log, startLog } from "../log.ts";
import { Connection } from "../server/connection.ts";
import { LateConnection } from "../server/late_connection.ts";
import { checkNames } from "../server/reach.ts";
import { serveStdio } from "../server/serve_stdio.ts";
import type { Config } from "../config.ts";
import { type Command, configSources, type Entry, exitDone, exitError } from "./command.ts";

/** Ends with 0 on the end of input and on a signal alike: both are how a client says goodbye. */
export const serve: Command = {
  name: "serve",
  doc: "Serve MCP over stdio, or with --http over Streamable HTTP (the default command)",
  positionals: [],
  flags: [...serveFlags, ...configFlags],
  async run(invocation, entry) {
    const { terminal, offers } = entry;
    const config = parseConfig(configSources(invocation, entry, "observer"));
    checkNames(offers, config);
    const lines = startLog(config.logLevel, terminal.stderr);
    globalThis.addEventListener("unhandledrejection", survive);
    try {
      if (config.http === null) {
        await serveStdio({
          connection: new LateConnection(offers, config, () => connect(config, entry)),
          input: terminal.stdin,
          output: terminal.stdout,
          ending: invocation.ending,
          initialized: revokeNetwork,
        });
      } else {
        const { serveOnHttp } = await import("./serve_http.ts");
        await serveOnHttp(config, config.http, invocation, await entry.load());
      }
      return exitDone;
    } catch (error) {
      if (error instanceof EBPFError && error.code === "invalid_configuration") throw error;
      // not to stdout as other commands do: that is the protocol's
      log("server").error("cannot serve: {reason}", { reason: reasonOf(error) });
      return exitError;
    } finally {
      globalThis.removeEventListener("unhandledrejection", survive);
      await lines.flush();
    }
  },
};

async function connect(config: Config, entry: Entry): Promise<Connection> {
  const { registry, openServices } = await entry.load();
  return new Connection(registry, await openServices(config));
}

/** Only HTTP listens. Not before the first answer: it takes 3 ms. */
function revokeNetwork(): void {
  Deno.permissions.revokeSync({ name: "net" });
}

/** One task's bug must not take the other calls and their sessions with it. */
function survive(event: PromiseRejectionEvent): void {
  event.preventDefault();
  log("server").error("unhandled rejection: {reason}", { reason: reasonOf(event.reason) });
}

function reasonOf(error: unknown): string {
  if (error instanceof EBPFError) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
