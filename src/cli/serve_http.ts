// `serve` on HTTP: who may call, where, and what the operator is told of it.
import type { Config } from "../config.ts";
import type { HttpConfig } from "../http_config.ts";
import { log } from "../log.ts";
import { serveHttp } from "../server/http/serve_http.ts";
import type { Invocation, Program } from "./command.ts";
import { PeerGate, TokenGate } from "./http_gate.ts";
import { complain } from "./output.ts";

/** Serves until a signal ends it; SIGHUP makes it read the tokens again. */
export async function serveOnHttp(
  config: Config,
  http: HttpConfig,
  invocation: Invocation,
  program: Program,
): Promise<void> {
  const { registry, terminal } = program;
  const gate = http.address.kind === "unix"
    ? new PeerGate(program)
    : await TokenGate.open(program, http);
  await serveHttp({
    registry,
    config: http,
    gate,
    openServices: () => program.openServices(config),
    ending: invocation.ending,
    async listening(url, boundPath) {
      // Nothing here connects anywhere, and what is listened on stays so.
      Deno.permissions.revokeSync({ name: "net" });
      if (gate instanceof PeerGate) gate.boundPath = boundPath;
      await complain(terminal, `ebpf-mcp: serving ${url}; ${explain(gate, http)}`);
    },
    onReload(reloaded) {
      invocation.divertHangup(() => void reload(gate, reloaded));
    },
  });
}

function explain(gate: PeerGate | TokenGate, { tokenFile }: HttpConfig): string {
  if (gate instanceof PeerGate) return "only for processes of this user";
  const place = gate.generatedPath ?? tokenFile;
  return `the bearer token is in ${place ?? "EBPF_MCP_TOKEN"}`;
}

async function reload(gate: PeerGate | TokenGate, reloaded: () => void): Promise<void> {
  if (gate instanceof PeerGate) return;
  try {
    await gate.reload();
    reloaded();
    log("http").warning("read the tokens again");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log("http").error("cannot read the tokens, the old ones hold on: {reason}", { reason });
  }
}
