// What a command is, what it works with, and how it says that it was called wrongly.
import type { Config } from "../config.ts";
import type { ConfigSources, Flag, FlagValues } from "../setting.ts";
import type { Offers } from "../server/reach.ts";
import type { Registry } from "../server/registry.ts";
import type { Services } from "../tools/define_tool.ts";
import type { EndSignals } from "./signals.ts";

/** What `main.ts` wires: what is there at once, and how the rest is loaded. */
export interface Entry {
  readonly offers: Offers;
  readonly terminal: Terminal;
  /** Takes as long as the runtime's own start: only once something needs it. */
  load(): Promise<Program>;
}

/** What `program.ts` wires: everything that is not text. */
export interface Program {
  readonly registry: Registry;
  readonly terminal: Terminal;
  /** Opens what one connection works on; the session in it is disposed of by its user. */
  openServices(config: Config): Promise<Services>;
  /** Reads a file that the person named, through a descriptor. */
  readFile(path: string): Promise<Uint8Array>;
  /**
   * Shuts the connections to our Unix socket that come from other users than our own.
   * @returns the user ids of those that were shut
   */
  shutForeignPeers(boundPath: string): number[];
  /** Kernel release, libbpf's version and where it came from, for `version`. */
  describeHost(config: Config): Readonly<Record<string, string>>;
}

/** The process's ends. */
export interface Terminal {
  readonly stdin: Stream & { read(buffer: Uint8Array): Promise<number | null> };
  readonly stdout: Stream & { write(bytes: Uint8Array): Promise<number> };
  readonly stderr: Stream & { write(bytes: Uint8Array): Promise<number> };
  /** How wide the terminal is, in letters; 80 where there is none. */
  columns(): number;
  /** The command that starts this program: the executable, or the runtime and its arguments. */
  readonly launch: readonly [string, ...string[]];
  environment(name: string): string | undefined;
  workingDirectory(): string;
  /** Starts to listen for the signals that end the process. */
  listenForEnd(): EndSignals;
}

interface Stream {
  isTerminal(): boolean;
}

export interface Positional {
  readonly name: string;
  readonly doc: string;
  readonly need: "required" | "optional";
}

/** One command line, parsed and checked. */
export interface Invocation {
  readonly positionals: readonly string[];
  readonly flags: FlagValues;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly ending: AbortSignal;
  /** From now on SIGHUP calls the listener and ends nothing. */
  divertHangup(listener: () => void): void;
}

export interface Command {
  readonly name: string;
  readonly doc: string;
  readonly positionals: readonly Positional[];
  readonly flags: readonly Flag[];
  /**
   * Returns the exit code: 0 done, 1 the answer is an error, 2 usage.
   * @throws UnwrittenError, which is exit code 3
   */
  run(invocation: Invocation, entry: Entry): Promise<number>;
}

export const exitDone = 0;
export const exitError = 1;
export const exitUsage = 2;
export const exitUnwritten = 3;

/** The command line is wrong: told on stderr, exit 2. */
export class UsageError extends Error {}

/** Stdout or stderr takes nothing more: told on stderr as far as that goes, exit 3. */
export class UnwrittenError extends Error {}

/** The sources of a configuration, as this command line has them. */
export function configSources(
  invocation: Invocation,
  { terminal }: Pick<Entry, "terminal">,
  defaultRole: Config["role"],
): ConfigSources {
  return {
    flags: invocation.flags,
    environment: (name) => terminal.environment(name),
    workingDirectory: () => terminal.workingDirectory(),
    defaultRole,
  };
}
