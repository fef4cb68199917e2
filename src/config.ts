// What the operator decides: flags, then EBPF_MCP_* variables, then defaults. Pure parsing.
import { validationError } from "./errors.ts";
import { isRole, type Role, roles } from "./policy/role.ts";
import { isToolset, type Toolset, toolsets } from "./policy/toolset.ts";
import { didYouMean } from "./view/did_you_mean.ts";

export const logLevels = ["debug", "info", "warning", "error", "off"] as const;
export type LogLevel = typeof logLevels[number];

/** Where libbpf comes from: the host's library, our embedded copy, or whichever is there. */
export const libbpfSources = ["auto", "system", "embedded"] as const;
export type LibbpfSource = typeof libbpfSources[number];

export const transports = ["stdio"] as const;
export type TransportName = typeof transports[number];

export interface Config {
  readonly role: Role;
  /** Only these toolsets, and the tools named in `tools`; both null: every tool. */
  readonly toolsets: readonly Toolset[] | null;
  readonly tools: readonly string[] | null;
  /** Wins over `toolsets` and `tools`. */
  readonly excludeTools: readonly string[];
  /** The folders below which object files may be read. */
  readonly objects: readonly string[];
  readonly logLevel: LogLevel;
  readonly libbpf: LibbpfSource;
  readonly transport: TransportName;
  /** What one answer's JSON may take, in UTF-8 bytes. */
  readonly byteBudget: number;
}

/** One operator's choice: a flag, its environment twin, and its text for `--help`. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: "value" | "switch" | "repeatable";
  readonly hint?: string;
  readonly doc: string;
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
  { name: "log-level", kind: "value", hint: logLevels.join("|"), doc: "what stderr gets" },
  { name: "libbpf", kind: "value", hint: libbpfSources.join("|"), doc: "which libbpf" },
  { name: "byte-budget", kind: "value", hint: "BYTES", doc: "what one answer may take" },
];

/** What only `serve` takes. */
export const serveFlags: readonly Flag[] = [
  { name: "transport", short: "t", kind: "value", hint: transports.join("|"), doc: "how to serve" },
];

/** What a parsed command line says: the values of each flag, in order. */
export type FlagValues = ReadonlyMap<string, readonly string[]>;

export interface ConfigSources {
  readonly flags: FlagValues;
  environment(name: string): string | undefined;
  workingDirectory(): string;
  /** The role when neither flag nor environment names one. */
  readonly defaultRole: Role;
}

/** The environment twin of a flag. */
export function twin(flag: string): string {
  return `EBPF_MCP_${flag.toUpperCase().replaceAll("-", "_")}`;
}

const defaultByteBudget = 8192;
const smallestByteBudget = 1024;
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
    logLevel: parseChoice(sources, "log-level", logLevels, "warning"),
    libbpf: parseChoice(sources, "libbpf", libbpfSources, "auto"),
    transport: parseChoice(sources, "transport", transports, "stdio"),
    byteBudget: parseByteBudget(sources),
  };
}

interface Setting {
  /** `--role` or `EBPF_MCP_ROLE`: where the text comes from. */
  readonly origin: string;
  readonly text: string;
}

function fromFlags(sources: ConfigSources, flag: string): Setting | null {
  const text = sources.flags.get(flag)?.at(-1);
  return text === undefined ? null : { origin: `--${flag}`, text };
}

/** An empty variable is an absent one. */
function fromEnvironment(sources: ConfigSources, flag: string): Setting | null {
  const text = sources.environment(twin(flag));
  return text === undefined || text === "" ? null : { origin: twin(flag), text };
}

function setting(sources: ConfigSources, flag: string): Setting | null {
  return fromFlags(sources, flag) ?? fromEnvironment(sources, flag);
}

function refuse({ origin, text }: Setting, wanted: string): Error {
  return validationError(
    "invalid_configuration",
    `Cannot use ${origin}: it is "${text}", wanted ${wanted}`,
  );
}

function parseChoice<Choice extends string>(
  sources: ConfigSources,
  flag: string,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  const given = setting(sources, flag);
  if (given === null) return fallback;
  const choice = choices.find((candidate) => candidate === given.text);
  if (choice === undefined) throw refuse(given, `one of ${choices.join(", ")}`);
  return choice;
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

function isOn(given: Setting): boolean {
  if (["1", "true", "yes", "on"].includes(given.text)) return true;
  if (["0", "false", "no", "off"].includes(given.text)) return false;
  throw refuse(given, "1 or 0");
}

function parseList(sources: ConfigSources, flag: string): string[] | null {
  const given = setting(sources, flag);
  if (given === null) return null;
  const names = given.text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0) throw refuse(given, "names separated by commas");
  return names;
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

function parseByteBudget(sources: ConfigSources): number {
  const given = setting(sources, "byte-budget");
  if (given === null) return defaultByteBudget;
  const bytes = /^[0-9]+$/.test(given.text) ? Number(given.text) : NaN;
  if (bytes >= smallestByteBudget && bytes <= largestByteBudget) return bytes;
  throw refuse(given, `a number of bytes from ${smallestByteBudget} to ${largestByteBudget}`);
}
