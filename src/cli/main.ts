// From the raw command line to an exit code.
import { runCommand } from "citty";
import { EBPFError } from "../errors.ts";
import { version } from "../version.ts";
import { version as versionCommand } from "./version.ts";
import { didYouMean } from "../view/did_you_mean.ts";
import { call } from "./call.ts";
import {
  type Command,
  type Entry,
  exitDone,
  exitError,
  exitUnwritten,
  exitUsage,
  UnwrittenError,
  UsageError,
} from "./command.ts";
import { parseLine } from "./command_line.ts";
import { doctor } from "./doctor.ts";
import { complain, printJson, printText } from "./output.ts";
import { install } from "./install.ts";
import { run } from "./run.ts";
import { schemas } from "./schemas.ts";
import { serve } from "./serve.ts";
import type { EndSignals } from "./signals.ts";
import { tools } from "./tools.ts";
import { commandUsage, programUsage, toCitty } from "./usage.ts";

const commands: readonly Command[] = [
  serve,
  call,
  run,
  tools,
  doctor,
  install,
  schemas,
  versionCommand,
];

/** Runs one command line; never throws. What it returns is the process's exit code. */
export async function main(rawArguments: readonly string[], entry: Entry): Promise<number> {
  const told = obey(rawArguments, entry).catch((error) => explain(error, entry));
  return await told.catch((error) => explain(error, entry)).catch(() => exitUnwritten);
}

async function obey(rawArguments: readonly string[], entry: Entry): Promise<number> {
  const { terminal } = entry;
  const [first] = rawArguments;
  if (first === "--help" || first === "-h" || first === "help") {
    await printText(terminal, await programUsage(commands, version));
    return exitDone;
  }
  if (first === "--version" || first === "-V") {
    await printText(terminal, version);
    return exitDone;
  }
  const isNamed = first !== undefined && !first.startsWith("-");
  const command = isNamed ? findCommand(first) : serve;
  return await dispatch(command, rawArguments.slice(isNamed ? 1 : 0), entry);
}

function findCommand(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const meant = didYouMean(name, commands.map((candidate) => candidate.name));
  throw new UsageError(`There is no command "${name}"${meant}`);
}

async function dispatch(
  command: Command,
  rawArguments: readonly string[],
  entry: Entry,
): Promise<number> {
  const line = parseLine(command, rawArguments);
  if (line.wantsHelp) {
    await printText(entry.terminal, await commandUsage(command));
    return exitDone;
  }
  const end = entry.terminal.listenForEnd();
  let code = exitDone;
  const definition = toCitty(command, async () => {
    const { ending, divertHangup } = end;
    code = await command.run({ ...line, ending, divertHangup }, entry);
  });
  await runCommand(definition, { rawArgs: [...rawArguments] });
  return interrupted(command, end) ?? code;
}

/** A server that a signal ends did its work; a call that a signal ends did not. */
function interrupted(command: Command, end: EndSignals): number | null {
  return command === serve ? null : end.exitCode();
}

/** Says what went wrong. @throws UnwrittenError, which is explained in its turn */
async function explain(error: unknown, { terminal }: Entry): Promise<number> {
  if (error instanceof UnwrittenError) {
    await complain(terminal, `ebpf-mcp: ${error.message}`);
    return exitUnwritten;
  }
  if (error instanceof UsageError) {
    await complain(terminal, `ebpf-mcp: ${error.message}\nTry: ebpf-mcp --help`);
    return exitUsage;
  }
  if (error instanceof EBPFError && error.code === "invalid_configuration") {
    await complain(terminal, `ebpf-mcp: ${error.message}`);
    return exitUsage;
  }
  if (error instanceof EBPFError) {
    await printJson(terminal, { error: error.toObject(new Date()) });
    await complain(terminal, `ebpf-mcp: ${error.message}`);
    return exitError;
  }
  const message = error instanceof Error ? error.message : String(error);
  await complain(terminal, `ebpf-mcp: unexpected error: ${message}`);
  return exitError;
}
