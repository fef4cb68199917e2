// One operator's choice: from a flag, else its EBPF_MCP_* variable. Pure parsing.
import { validationError } from "./errors.ts";
import type { Role } from "./policy/role.ts";

/** One operator's choice: a flag, its environment twin, and its text for `--help`. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: "value" | "switch" | "repeatable";
  readonly hint?: string;
  readonly doc: string;
}

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

export interface Setting {
  /** `--role` or `EBPF_MCP_ROLE`: where the text comes from. */
  readonly origin: string;
  readonly text: string;
}

export function fromFlags(sources: ConfigSources, flag: string): Setting | null {
  const text = sources.flags.get(flag)?.at(-1);
  return text === undefined ? null : { origin: `--${flag}`, text };
}

/** An empty variable is an absent one. */
export function fromEnvironment(sources: ConfigSources, flag: string): Setting | null {
  const text = sources.environment(twin(flag));
  return text === undefined || text === "" ? null : { origin: twin(flag), text };
}

/** A flag beats its twin. */
export function setting(sources: ConfigSources, flag: string): Setting | null {
  return fromFlags(sources, flag) ?? fromEnvironment(sources, flag);
}

/** The refusal of a setting: where it comes from, what it is, what is wanted. */
export function refuse({ origin, text }: Setting, wanted: string): Error {
  return validationError(
    "invalid_configuration",
    `Cannot use ${origin}: it is "${text}", wanted ${wanted}`,
  );
}

export function parseChoice<Choice extends string>(
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

/** A switch: present as a flag, `1` or `0` as a variable. */
export function isOn(given: Setting): boolean {
  if (["1", "true", "yes", "on"].includes(given.text)) return true;
  if (["0", "false", "no", "off"].includes(given.text)) return false;
  throw refuse(given, "1 or 0");
}

/** Names separated by commas; null when nothing is given. */
export function parseList(sources: ConfigSources, flag: string): string[] | null {
  const given = setting(sources, flag);
  if (given === null) return null;
  const names = given.text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0) throw refuse(given, "names separated by commas");
  return names;
}
