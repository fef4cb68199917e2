// `serve`: MCP over stdio, the command when none is named.
import { configFlags, parseConfig, serveFlags } from "../config.ts";
import { startLog } from "../log.ts";
import { serveStdio } from "../server/serve_stdio.ts";
import { type Command, configSources, exitDone } from "./command.ts";

/** Ends with 0 on the end of input and on a signal alike: both are how a client says goodbye. */
export const serve: Command = {
  name: "serve",
  doc: "Serve MCP over stdio (the default command)",
  positionals: [],
  flags: [...serveFlags, ...configFlags],
  async run(invocation, program) {
    const { terminal, registry } = program;
    const config = parseConfig(configSources(invocation, program, "observer"));
    registry.check(config);
    const lines = startLog(config.logLevel, terminal.stderr);
    try {
      await serveStdio({
        registry,
        services: await program.openServices(config),
        input: terminal.stdin,
        output: terminal.stdout,
        ending: invocation.ending,
      });
    } finally {
      await lines.flush();
    }
    return exitDone;
  },
};
