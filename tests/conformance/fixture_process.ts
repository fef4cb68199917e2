// The fixture server in a process of its own.
import { environment, locked } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";
import { firstLine } from "../support/first_line.ts";

const serving = /serving http:\/\/127\.0\.0\.1:(\d+)\/mcp/;

export class FixtureServer implements AsyncDisposable {
  readonly token: string;
  readonly port: number;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, port: number, token: string) {
    this.#process = process;
    this.port = port;
    this.token = token;
  }

  /** Starts it on a free port of the loopback. */
  static async start(): Promise<FixtureServer> {
    const token = crypto.randomUUID();
    const script = new URL("tests/conformance/fixture_server.ts", repository).pathname;
    const process = new Deno.Command(Deno.execPath(), {
      args: locked("run", "--no-check", "-A", script, "--http", "127.0.0.1:0"),
      cwd: repository,
      env: { ...environment(), EBPF_MCP_TOKEN: token },
      stdin: "null",
      stdout: "inherit",
      stderr: "piped",
    }).spawn();
    const line = await firstLine(process.stderr, serving);
    return new FixtureServer(process, Number(serving.exec(line)?.[1]), token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
  }
}
