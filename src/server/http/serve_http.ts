// Streamable HTTP from the first connection to the release of everything that any session made.
import type { HttpConfig } from "../../http_config.ts";
import { log } from "../../log.ts";
import type { Services } from "../../tools/define_tool.ts";
import type { Registry } from "../registry.ts";
import { Front, type Identify } from "./front.ts";
import { HttpSessions } from "./http_sessions.ts";
import { listen } from "./listen.ts";
import { Allowlist } from "./origin.ts";
import type { Principal } from "./tokens.ts";

/** Who may call, which changes when the configuration is read again. */
export interface Gate {
  readonly identify: Identify;
  isWelcome(principal: Principal): boolean;
}

export interface HttpOptions {
  readonly registry: Registry;
  readonly config: HttpConfig;
  readonly gate: Gate;
  openServices(): Promise<Services>;
  /** Aborted when the process is told to end. */
  readonly ending: AbortSignal;
  /** Is told where, once connections are taken; on a socket also the path that it was bound to. */
  listening(url: string, boundPath: string | null): Promise<void>;
  /** Calls the listener when the gate may have changed. */
  onReload(listener: () => void): void;
}

/** Serves until `ending` aborts; then ends the sessions and releases everything. */
export async function serveHttp(options: HttpOptions): Promise<void> {
  const { registry, config, gate, ending } = options;
  await using sessions = new HttpSessions(config);
  const front = new Front({
    registry,
    sessions,
    allowlist: new Allowlist(config.allowedHosts, config.allowedOrigins),
    identify: gate.identify,
    maxRequests: config.maxRequests,
    openServices: () => options.openServices(),
  });
  const listening = await listen(config.address, (request) => front.handle(request));
  await options.listening(listening.url, listening.boundPath);
  options.onReload(() => void sessions.keepOnly((principal) => gate.isWelcome(principal)));
  await aborted(ending);
  log("http").info("ending");
  await sessions[Symbol.asyncDispose](); // first: its streams are what connections wait for
  await listening.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
