// Twenty clients at once, for as long as one likes; afterwards everything is as it was before.
import { Random } from "../../tests/fuzz/random.ts";
import { HttpServer } from "../../tests/support/http_server.ts";
import { LeakCheck } from "../../tests/support/leaks/leak_check.ts";
import { buildObject, buildTrigger } from "../../tests/support/objects.ts";
import { within } from "../../tests/support/within.ts";
import type { Shared } from "./actions.ts";
import { emptyAccount } from "./account.ts";
import { type ClientPlan, type ClientReport, runClient } from "./client.ts";
import { Latencies } from "./latency.ts";
import { Rest } from "./rest.ts";
import { type ServerSize, serverSize } from "./server_size.ts";
import { openHttp, openOwnHttp, openStdio, type SoakSession } from "./sessions.ts";

export interface SoakOptions {
  readonly durationMs: number;
  readonly seed: number;
  /** Is told each line as it is known. */
  say(line: string): void;
}

/** A server that lives for the whole soak, and its sizes while all clients rested. */
export interface Observed {
  readonly name: string;
  readonly sizes: ServerSize[];
}

export interface SoakReport {
  readonly shared: Shared;
  readonly clients: ClientReport;
  readonly servers: readonly Observed[];
  /** What is left behind after it all, by name. */
  readonly leaks: readonly string[];
}

const STEADY_STDIO = 4;
const BRITTLE_STDIO = 6;
const SHARED_HTTP = 8;
const OWN_HTTP = 2;
const CLIENTS = STEADY_STDIO + BRITTLE_STDIO + SHARED_HTTP + OWN_HTTP;

const common = ["--objects", "/", "--log-level", "error", "--byte-budget", "200000"];
const args = ["--role", "operator", ...common];
/** Seconds after which the HTTP server gives up on a client that vanished. */
const httpArgs = [...common, "--idle-timeout", "5"];
const idleMs = 5_000;
const freeTimeoutMs = 20_000;
/** A cycle's last action ends long before. */
const restTimeoutMs = 120_000;
const stretches = 20;
const shortestStretchMs = 15_000;
const longestStretchMs = 300_000;

/** Runs the clients, lets them rest now and then to look at the servers, and ends it all. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const shared = await prepare();
  const before = new LeakCheck();
  const clients: ClientReport = {
    cycles: 0,
    ended: { polite: 0, vanish: 0, kill: 0 },
    failures: [],
  };
  const servers: Observed[] = [];
  {
    await using http = await HttpServer.start({ args: httpArgs });
    const steady = new Map<string, number>([["http", http.pid]]);
    await work(options, plans(http, steady), shared, clients, async () => {
      for (const [name, pid] of steady) await observe(servers, name, pid);
    });
  }
  return { shared, clients, servers, leaks: await before.leaks(freeTimeoutMs) };
}

async function prepare(): Promise<Shared> {
  await buildTrigger();
  return {
    objects: {
      flood: await buildObject("flood"),
      globals: await buildObject("globals"),
      attach_kinds: await buildObject("attach_kinds"),
      rejected: await buildObject("rejected"),
    },
    account: emptyAccount(),
    latencies: new Latencies(),
    calls: 0,
  };
}

/** @param steady is told the servers that stay, by the names of their clients */
function plans(http: HttpServer, steady: Map<string, number>): ClientPlan[] {
  const some = (count: number, name: string, plan: (name: string) => Omit<ClientPlan, "name">) =>
    Array.from({ length: count }, (_, index) => {
      const full = `${name} ${index}`;
      return { name: full, ...plan(full) };
    });
  const keep = (name: string, session: SoakSession) => {
    steady.set(name, session.pid);
    return session;
  };
  const all = ["polite", "vanish", "kill"] as const;
  return [
    ...some(STEADY_STDIO, "stdio", (name) => ({
      endings: [],
      open: async () => keep(name, await openStdio(args)),
    })),
    ...some(BRITTLE_STDIO, "brittle stdio", () => ({
      endings: all,
      open: () => openStdio(args),
    })),
    ...some(SHARED_HTTP, "http client", () => ({
      endings: ["polite", "vanish"] as const,
      open: (random) => openHttp(http, random),
    })),
    ...some(OWN_HTTP, "brittle http", () => ({
      endings: all,
      open: (random) => openOwnHttp(httpArgs, random),
    })),
  ];
}

/** Lets the clients work for the duration, with pauses in which `look` is called. */
async function work(
  { durationMs, seed, say }: SoakOptions,
  clients: readonly ClientPlan[],
  shared: Shared,
  report: ClientReport,
  look: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const rest = new Rest(CLIENTS);
  const running = Promise.all(clients.map((plan) => {
    const random = new Random(`soak ${seed} ${plan.name}`);
    return runClient(plan, random, shared, rest, over.signal, report);
  }));
  const stretchMs = Math.min(Math.max(shortestStretchMs, durationMs / stretches), longestStretchMs);
  const end = performance.now() + durationMs;
  for (let left = durationMs; left > 0; left = end - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, stretchMs)));
    await within(restTimeoutMs, "the clients' coming to rest", rest.begin());
    await look();
    say(
      `${shared.calls} calls, ${report.cycles} cycles, ${shared.account.attempted} events, ` +
        `${report.failures.length} failures`,
    );
    if (end - performance.now() <= 0) over.abort();
    rest.end();
  }
  over.abort();
  await running;
}

/** Adds a look at a server to those before it. */
async function observe(servers: Observed[], name: string, pid: number): Promise<void> {
  const known = servers.find((server) => server.name === name);
  const earlier = known?.sizes.at(-1)?.descriptors ?? Infinity;
  const size = await sizeAtRest(pid, earlier);
  if (known === undefined) servers.push({ name, sizes: [size] });
  else known.sizes.push(size);
}

/**
 * The server's size once it holds no object and no more descriptors than at the look before:
 * sessions of clients that vanished end when they are idle.
 */
async function sizeAtRest(pid: number, earlierDescriptors: number): Promise<ServerSize> {
  const deadline = performance.now() + 2 * idleMs + freeTimeoutMs;
  for (;;) {
    const size = await serverSize(pid);
    const isAtRest = size.objects === 0 && size.descriptors <= earlierDescriptors;
    if (isAtRest || performance.now() > deadline) return size;
    await new Promise((resolve) => setTimeout(resolve, 100)); // it tells nobody
  }
}
