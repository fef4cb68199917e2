// Runs other programs for the scripts. System tools are found even with a short PATH.
import { repository } from "./paths.ts";
import { ScriptError } from "./script_error.ts";

/** Where Debian keeps what root runs: bpftool, ip, ldconfig, which an ordinary PATH leaves out. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

export interface CommandOptions {
  readonly cwd?: URL;
  /** Added to the environment that the script itself has. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that did not exit with 0; the message carries the end of what it wrote. */
export class CommandError extends ScriptError {
  override readonly name = "CommandError";
}

/** The environment for a program: ours, with the system's folders at the end of PATH. */
export function environment(added: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const missing = SYSTEM_FOLDERS.filter((folder) => !inherited.includes(folder));
  return { PATH: [...inherited, ...missing].join(":"), ...added };
}

/**
 * The arguments of a Deno command that resolves packages: only as deno.lock says. The lock is not
 * named in deno.json, for then `deno task` itself would download packages, before the task's
 * environment can tell it which certificates to trust.
 */
export function locked(
  subcommand: "run" | "test" | "check" | "bundle" | "info",
  ...args: readonly string[]
): string[] {
  const lock = new URL("deno.lock", repository).pathname;
  return [subcommand, `--lock=${lock}`, "--frozen", ...args];
}

/** Runs a program to its end and keeps what it wrote. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  const { code, stdout, stderr } = await command(program, args, options, "piped").output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Like `run`, for a program that has to succeed.
 * @throws {CommandError} with its last lines when it does not.
 */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split("\n").slice(-20).join("\n");
  const what = [program, ...args].join(" ");
  throw new CommandError(`"${what}" ended with exit code ${code}:\n${said}`);
}

/** Runs a program whose output the person sees as it comes; answers its exit code. */
export async function show(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<number> {
  return (await command(program, args, options, "inherit").spawn().status).code;
}

/** A program to be run, with nothing on its standard input. */
export function command(
  program: string,
  args: readonly string[],
  { cwd, env }: CommandOptions = {},
  output: "piped" | "inherit" = "piped",
): Deno.Command {
  return new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    env: environment(env),
    stdin: "null",
    stdout: output,
    stderr: output,
  });
}
