// The fixture server in a process of its own.
import { environment, locked } from "../../scripts/command.ts";
import { repository } from "../../scripts/paths.ts";
import { ProcessOutput } from "../support/process_output.ts";

const serving = /serving http:\/\/127\.0\.0\.1:(\d+)\/mcp/;

export class FixtureServer implements AsyncDisposable {
  readonly token: string;
  readonly port: number;
  readonly #process: Deno.ChildProcess;
  readonly #output: ProcessOutput;

  private constructor(
    process: Deno.ChildProcess,
    output: ProcessOutput,
    port: number,
    token: string,
  ) {
    this.#process = process;
    this.#output = output;
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
    const output = new ProcessOutput(process.stderr);
    const port = Number(serving.exec(await output.firstLine(serving))?.[1]);
    return new FixtureServer(process, output, port, token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.#output.ended;
  }
}
