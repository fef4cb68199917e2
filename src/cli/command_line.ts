// Raw arguments to flags and positionals, strictly: what a command does not take is an error.
import { parseArgs } from "node:util";
import type { Flag } from "../setting.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { type Command, UsageError } from "./command.ts";

export interface ParsedLine {
  readonly positionals: readonly string[];
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly wantsHelp: boolean;
}

const help: Flag = { name: "help", short: "h", kind: "switch", doc: "this text" };

/**
 * Reads what stands behind the command's name.
 * @throws UsageError naming the argument at fault
 */
export function parseLine(command: Command, rawArguments: readonly string[]): ParsedLine {
  const known = [...command.flags, help];
  const { tokens } = parseArgs({
    args: [...rawArguments],
    options: Object.fromEntries(known.map((flag) => [flag.name, {
      type: flag.kind === "switch" ? "boolean" as const : "string" as const,
      ...(flag.short === undefined ? {} : { short: flag.short }),
    }])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const flags = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = known.find((candidate) => candidate.name === token.name);
    if (flag === undefined) throw unknownFlag(command, token.rawName, known);
    const values = flags.get(flag.name) ?? [];
    values.push(valueOf(flag, token.value));
    flags.set(flag.name, values);
    if (values.length > 1 && flag.kind !== "repeatable") {
      throw new UsageError(`--${flag.name} is given ${values.length} times, wanted once`);
    }
  }
  const wantsHelp = flags.delete("help");
  if (!wantsHelp) checkPositionals(command, positionals);
  return { positionals, flags, wantsHelp };
}

function valueOf(flag: Flag, value: string | undefined): string {
  if (flag.kind === "switch") {
    if (value !== undefined) throw new UsageError(`--${flag.name} takes no value`);
    return "1";
  }
  if (value === undefined || value === "") {
    throw new UsageError(`--${flag.name} needs a value: ${flag.hint ?? "text"}`);
  }
  return value;
}

function unknownFlag(command: Command, rawName: string, known: readonly Flag[]): UsageError {
  const meant = didYouMean(rawName, known.map((flag) => `--${flag.name}`));
  return new UsageError(`"${command.name}" does not know ${rawName}${meant}`);
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const missing = command.positionals.slice(given.length).find((one) => one.need === "required");
  if (missing !== undefined) throw new UsageError(`"${command.name}" needs ${missing.name}`);
  const surplus = given[command.positionals.length];
  if (surplus === undefined) return;
  const first = command.name === "serve" ? "; a command's name comes first" : "";
  throw new UsageError(`"${command.name}" does not take "${surplus}"${first}`);
}
