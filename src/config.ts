// What the operator decides: flags, then EBPF_MCP_* variables, then defaults. Pure parsing.
import { validationError } from "./errors.ts";
import { isRole, type Role, roles } from "./policy/role.ts";
import { isToolset, type Toolset, toolsets } from "./policy/toolset.ts";
import {
  type HttpConfig,
  httpFlags,
  parseHttp,
  type TransportName,
  transports,
} from "./http_config.ts";
import {
  type ConfigSources,
  type Flag,
  fromEnvironment,
  fromFlags,
  isOn,
  parseChoice,
  parseList,
  refuse,
  setting,
} from "./setting.ts";
import { didYouMean } from "./view/did_you_mean.ts";

export const logLevels = ["debug", "info", "warning", "error", "off"] as const;
export type LogLevel = typeof logLevels[number];

/** Where libbpf comes from: the host's library, our embedded copy, or whichever is there. */
export const libbpfSources = ["auto", "system", "embedded"] as const;
export type LibbpfSource = typeof libbpfSources[number];

export interface Config {
  readonly role: Role;
  /** Only these toolsets, and the tools named in `tools`; both null: every tool. */
  readonly toolsets: readonly Toolset[] | null;
  readonly tools: readonly string[] | null;
  /** Wins over `toolsets` and `tools`. */
  readonly excludeTools: readonly string[];
  /** The folders below which object files may be read. */
  readonly objects: readonly string[];
  /** The folder of the operator's own gadgets; null: none. */
  readonly gadgets: string | null;
  readonly logLevel: LogLevel;
  readonly libbpf: LibbpfSource;
  readonly transport: TransportName;
  /** Null on stdio. */
  readonly http: HttpConfig | null;
  /** What one answer's JSON may take, in UTF-8 bytes. */
  readonly byteBudget: number;
}

/** Every flag that decides a Config; `EBPF_MCP_` + the name in capitals is its twin. */
export const configFlags: readonly Flag[] = [
  { name: "role", kind: "value", hint: roles.join("|"), doc: "how much a client may do" },
  { name: "read-only", kind: "switch", doc: "the same as --role viewer" },
  { name: "toolsets", kind: "value", hint: "A,B", doc: `only these: ${toolsets.join(", ")}` },
  { name: "tools", kind: "value", hint: "A,B", doc: "only these tools (adds to --toolsets)" },
  { name: "exclude-tools", kind: "value", hint: "A,B", doc: "never these; wins over both" },
  {
    name: "objects",
    kind: "repeatable",
    hint: "DIR",
    doc: "object files only from here (default: working directory, /usr/lib/ebpf-mcp)",
  },
  {
    name: "gadgets",
    kind: "value",
    hint: "DIR",
    doc: "more gadgets: NAME/NAME.bpf.o, manifest.json",
  },
  { name: "log-level", kind: "value", hint: logLevels.join("|"), doc: "what stderr gets" },
  { name: "libbpf", kind: "value", hint: libbpfSources.join("|"), doc: "which libbpf" },
  { name: "byte-budget", kind: "value", hint: "BYTES", doc: "what one answer may take, from 8192" },
];

/** What only `serve` takes. */
export const serveFlags: readonly Flag[] = [
  { name: "transport", short: "t", kind: "value", hint: transports.join("|"), doc: "how to serve" },
  ...httpFlags,
];

const defaultByteBudget = 8192;
/** What every answer and every error keeps to, whatever is asked. */
const smallestByteBudget = defaultByteBudget;
const largestByteBudget = 4 * 1024 * 1024;

/**
 * Decides the configuration.
 * @throws validation/invalid_configuration naming the flag or variable at fault
 */
export function parseConfig(sources: ConfigSources): Config {
  return {
    role: parseRole(sources),
    toolsets: parseToolsets(sources),
    tools: parseList(sources, "tools"),
    excludeTools: parseList(sources, "exclude-tools") ?? [],
    objects: parseObjects(sources),
    gadgets: parseGadgets(sources),
    logLevel: parseChoice(sources, "log-level", logLevels, "warning"),
    libbpf: parseChoice(sources, "libbpf", libbpfSources, "auto"),
    ...parseTransport(sources),
    byteBudget: parseByteBudget(sources),
  };
}

function parseTransport(sources: ConfigSources): Pick<Config, "transport" | "http"> {
  const http = parseHttp(sources);
  return { transport: http === null ? "stdio" : "http", http };
}

/** `--role` and `--read-only` are one decision, so a flag of either beats both variables. */
function parseRole(sources: ConfigSources): Role {
  for (const from of [fromFlags, fromEnvironment]) {
    const named = from(sources, "role");
    const readOnly = from(sources, "read-only");
    if (readOnly !== null && isOn(readOnly)) {
      if (named !== null && named.text !== "viewer") {
        throw refuse(named, `viewer, because ${readOnly.origin} is set`);
      }
      return "viewer";
    }
    if (named === null) continue;
    if (!isRole(named.text)) throw refuse(named, `one of ${roles.join(", ")}`);
    return named.text;
  }
  return sources.defaultRole;
}

function parseToolsets(sources: ConfigSources): Toolset[] | null {
  const names = parseList(sources, "toolsets");
  return names?.map((name) => {
    if (isToolset(name)) return name;
    const meant = didYouMean(name, toolsets);
    throw validationError(
      "invalid_configuration",
      `Cannot use --toolsets: "${name}" is none of ${toolsets.join(", ")}${meant}`,
    );
  }) ?? null;
}

/** The variable separates folders by colons, as PATH does. */
function parseObjects(sources: ConfigSources): string[] {
  const workingDirectory = sources.workingDirectory();
  const flags = sources.flags.get("objects");
  const given = flags !== undefined && flags.length > 0
    ? flags
    : fromEnvironment(sources, "objects")?.text.split(":").filter((folder) => folder !== "");
  const folders = given ?? [workingDirectory, "/usr/lib/ebpf-mcp"];
  return folders.map((folder) => folder.startsWith("/") ? folder : `${workingDirectory}/${folder}`);
}

function parseGadgets(sources: ConfigSources): string | null {
  const folder = setting(sources, "gadgets")?.text;
  if (folder === undefined) return null;
  return folder.startsWith("/") ? folder : `${sources.workingDirectory()}/${folder}`;
}

function parseByteBudget(sources: ConfigSources): number {
  const given = setting(sources, "byte-budget");
  if (given === null) return defaultByteBudget;
  const bytes = /^[0-9]+$/.test(given.text) ? Number(given.text) : NaN;
  if (bytes >= smallestByteBudget && bytes <= largestByteBudget) return bytes;
  throw refuse(given, `a number of bytes from ${smallestByteBudget} to ${largestByteBudget}`);
}
