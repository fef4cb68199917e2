// What the operator decides about Streamable HTTP: where, who, and how much. Pure parsing.
import { validationError } from "./errors.ts";
import {
  type ConfigSources,
  type Flag,
  fromEnvironment,
  fromFlags,
  isOn,
  parseChoice,
  refuse,
  setting,
} from "./setting.ts";

export const transports = ["stdio", "http"] as const;
export type TransportName = typeof transports[number];

export type HttpAddress =
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export interface HttpConfig {
  readonly address: HttpAddress;
  /** Where the tokens are; null: in EBPF_MCP_TOKEN, or generated. */
  readonly tokenFile: string | null;
  /** Names that a Host header may give besides those of the loopback. */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call, besides pages of this very address. */
  readonly allowedOrigins: readonly string[];
  /** A session that nothing happens in for so long ends. */
  readonly idleTimeoutMs: number;
  readonly maxSessions: number;
  /** That are worked on at a time. */
  readonly maxRequests: number;
}

const defaultAddress: HttpAddress = { kind: "tcp", hostname: "127.0.0.1", port: 8642 };

/** What only `serve` on HTTP takes. */
export const httpFlags: readonly Flag[] = [
  {
    name: "http",
    kind: "value",
    hint: "HOST:PORT|unix:PATH",
    doc: "serve Streamable HTTP at /mcp here (-t http: 127.0.0.1:8642)",
  },
  {
    name: "token-file",
    kind: "value",
    hint: "FILE",
    doc: "HTTP: the bearer tokens, one per line; else EBPF_MCP_TOKEN, else one is generated",
  },
  {
    name: "allow-remote",
    kind: "switch",
    doc: "HTTP: let --http be 0.0.0.0 or [::]; there is no TLS, put a proxy in front",
  },
  {
    name: "allow-host",
    kind: "repeatable",
    hint: "NAME[:PORT]",
    doc: "HTTP: a Host header to accept besides localhost, 127.0.0.1 and [::1]",
  },
  {
    name: "allow-origin",
    kind: "repeatable",
    hint: "ORIGIN",
    doc: "HTTP: a web page's origin that may call (https://example.org)",
  },
  {
    name: "idle-timeout",
    kind: "value",
    hint: "SECONDS",
    doc: "HTTP: when a session without requests ends and releases all it made (1800)",
  },
  { name: "max-sessions", kind: "value", hint: "N", doc: "HTTP: at a time (64)" },
  { name: "max-requests", kind: "value", hint: "N", doc: "HTTP: at a time (128)" },
];

/**
 * The HTTP part of a configuration; null when it is stdio's.
 * @throws validation/invalid_configuration naming the flag or variable at fault
 */
export function parseHttp(sources: ConfigSources): HttpConfig | null {
  const address = parseAddress(sources);
  if (address === null) {
    refuseStrayFlags(sources);
    return null;
  }
  return {
    address,
    tokenFile: parseTokenFile(sources, address),
    allowedHosts: parseRepeated(sources, "allow-host", hostPattern, "a host name").map(lower),
    allowedOrigins: parseRepeated(sources, "allow-origin", originPattern, "an origin").map(lower),
    idleTimeoutMs: parseCount(sources, "idle-timeout", { fallback: 1800, most: 86_400 }) * 1000,
    maxSessions: parseCount(sources, "max-sessions", { fallback: 64, most: 1024 }),
    maxRequests: parseCount(sources, "max-requests", { fallback: 128, most: 4096 }),
  };
}

function parseAddress(sources: ConfigSources): HttpAddress | null {
  const given = setting(sources, "http");
  const transport = parseChoice(
    sources,
    "transport",
    transports,
    given === null ? "stdio" : "http",
  );
  if (transport === "http") return given === null ? defaultAddress : readAddress(given, sources);
  // A variable that is set for every command does not outweigh what this one says.
  const flag = fromFlags(sources, "http");
  if (flag !== null) throw refuse(flag, "no address, because the transport is stdio");
  return null;
}

function readAddress(given: { origin: string; text: string }, sources: ConfigSources): HttpAddress {
  if (given.text.startsWith("unix:")) {
    const path = given.text.slice("unix:".length);
    if (/^\/[^\0]{1,90}$/.test(path)) return { kind: "unix", path };
    throw refuse(given, "unix: and an absolute path of at most 90 characters");
  }
  const found = /^(localhost|[0-9.]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})$/.exec(given.text);
  const [, host = "", port = ""] = found ?? [];
  if (found === null || Number(port) > 65_535) {
    throw refuse(given, "HOST:PORT, as 127.0.0.1:8642, or unix:PATH");
  }
  const hostname = host.replace(/^\[(.*)\]$/, "$1");
  requireAllowed(given, hostname, sources);
  return { kind: "tcp", hostname, port: Number(port) };
}

const loopback = ["127.0.0.1", "::1", "localhost"];
const everywhere = ["0.0.0.0", "::"];

/** These are also all that the executable's permissions allow. */
function requireAllowed(
  given: { origin: string; text: string },
  hostname: string,
  sources: ConfigSources,
): void {
  if (loopback.includes(hostname)) return;
  if (!everywhere.includes(hostname)) {
    throw refuse(given, "127.0.0.1, [::1] or localhost, or 0.0.0.0 or [::] with --allow-remote");
  }
  const remote = setting(sources, "allow-remote");
  if (remote !== null && isOn(remote)) return;
  throw refuse(given, "an address of the loopback, or --allow-remote: others could reach it");
}

/** A socket's clients are known by their credentials. */
function parseTokenFile(sources: ConfigSources, address: HttpAddress): string | null {
  const given = setting(sources, "token-file");
  if (given === null) return null;
  if (address.kind === "unix") {
    throw refuse(given, "no tokens on a Unix socket: the kernel says who connects");
  }
  return given.text.startsWith("/") ? given.text : `${sources.workingDirectory()}/${given.text}`;
}

const hostPattern = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?$/;
const originPattern = /^https?:\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?$/;

/** The variable separates by commas. */
function parseRepeated(
  sources: ConfigSources,
  flag: string,
  pattern: RegExp,
  wanted: string,
): string[] {
  const flags = sources.flags.get(flag) ?? [];
  const given = flags.length > 0
    ? flags
    : fromEnvironment(sources, flag)?.text.split(",").map((text) => text.trim()) ?? [];
  for (const text of given) {
    if (!pattern.test(text)) throw refuse({ origin: `--${flag}`, text }, wanted);
  }
  return [...given];
}

function lower(text: string): string {
  return text.toLowerCase();
}

function parseCount(
  sources: ConfigSources,
  flag: string,
  { fallback, most }: { readonly fallback: number; readonly most: number },
): number {
  const given = setting(sources, flag);
  if (given === null) return fallback;
  const count = /^[0-9]{1,9}$/.test(given.text) ? Number(given.text) : 0;
  if (count >= 1 && count <= most) return count;
  throw refuse(given, `a number from 1 to ${most}`);
}

/** A flag for HTTP on stdio is a mistake; a variable may be meant for other commands. */
function refuseStrayFlags(sources: ConfigSources): void {
  const stray = httpFlags.find(({ name }) => name !== "http" && sources.flags.has(name));
  if (stray === undefined) return;
  throw validationError("invalid_configuration", `Cannot use --${stray.name} without --http`);
}
