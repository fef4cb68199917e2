// Commands as the command-line library knows them: help texts and dispatch.
import { type ArgsDef, type CommandDef, defineCommand, renderUsage } from "citty";
import type { Flag } from "../setting.ts";
import type { Command } from "./command.ts";

const programName = "ebpf-mcp";
const twins = "Every option has a twin in the environment: --role is EBPF_MCP_ROLE.";
const exitCodes =
  "Exit codes: 0 done; 1 the tool answered with an error, or doctor found the main " +
  "job\nimpossible; 2 usage; 3 the result could not be written.";
const programDoc = "Safe, structured eBPF for AI agents and people: an MCP server and its tools";

/** A command in the library's terms; `run` gets the raw arguments behind its name. */
export function toCitty(
  command: Command,
  run: (rawArguments: readonly string[]) => Promise<void>,
): CommandDef {
  return defineCommand({
    meta: { name: command.name, description: command.doc },
    args: toArgs(command),
    run: ({ rawArgs }) => run(rawArgs),
  });
}

function toArgs(command: Command): ArgsDef {
  const args: ArgsDef = {};
  for (const { name, doc, need } of command.positionals) {
    args[name] = { type: "positional", description: doc, required: need === "required" };
  }
  for (const flag of command.flags) args[flag.name] = toArg(flag);
  return args;
}

function toArg(flag: Flag): ArgsDef[string] {
  const alias = flag.short === undefined ? {} : { alias: flag.short };
  if (flag.kind === "switch") return { type: "boolean", description: flag.doc, ...alias };
  const repeat = flag.kind === "repeatable" ? " (repeatable)" : "";
  return { type: "string", description: flag.doc + repeat, valueHint: flag.hint, ...alias };
}

/** The help of one command. */
export async function commandUsage(command: Command): Promise<string> {
  const definition = toCitty(command, () => Promise.resolve());
  const text = plain(await renderUsage(definition, defineCommand({ meta: { name: programName } })));
  return command.flags.some((flag) => flag.name === "role") ? `${text}\n${twins}` : text;
}

/** The help of the program: its commands. */
export async function programUsage(commands: readonly Command[], version: string): Promise<string> {
  const subCommands = Object.fromEntries(
    commands.map((command) => [command.name, toCitty(command, () => Promise.resolve())]),
  );
  const meta = { name: programName, version, description: programDoc };
  return `${plain(await renderUsage(defineCommand({ meta, subCommands })))}\n\n${exitCodes}`;
}

/**
 * Without colours, which the library decides by the environment and not by the terminal, and
 * without the blanks that it ends lines with.
 */
function plain(text: string): string {
  const colours = new RegExp(String.raw`${"\u001b"}\[[0-9;]*m`, "g");
  return text.replaceAll(colours, "").replaceAll(/ +$/gm, "").trimEnd();
}
