// The command line, run to its end with nothing but pipes around it.
import { command, type Finished } from "../../scripts/command.ts";
import { launch } from "./server_command.ts";
import { within } from "./within.ts";

const timeoutMs = 60_000;

export interface CliOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `ebpf-mcp ARGS`. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  const { stdin = "", env, cwd } = options;
  const { program, args: all } = launch(args);
  const child = new Deno.Command(program, {
    args: [...all],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {}); // it does not read
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await within(timeoutMs, args.join(" "), child.output());
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs `ebpf-mcp ARGS` on a terminal and answers all that it drew there. */
export async function cliOnTerminal(args: readonly string[]): Promise<Uint8Array> {
  const { program, args: all } = launch(args);
  const line = [program, ...all].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const { stdout } = await within(
    timeoutMs,
    args.join(" "),
    command("script", ["--quiet", "--return", "--command", line, "/dev/null"]).output(),
  );
  return stdout;
}
