// An MCP client as any other: the official SDK's, over the stdio of the built executable.
// @ts-types="@modelcontextprotocol/sdk/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ScriptError } from "../script_error.ts";
import { isRecord } from "./witness.ts";

export class DemoClient implements AsyncDisposable {
  readonly #client = new Client({ name: "ebpf-mcp-demo", version: "1.0.0" });

  /** Starts the executable as a server for an operator. */
  static async start(executable: string): Promise<DemoClient> {
    const demo = new DemoClient();
    const args = ["serve", "--role", "operator"];
    await demo.#client.connect(
      new StdioClientTransport({ command: executable, args, env: {}, stderr: "inherit" }),
    );
    return demo;
  }

  /** Name and version that the server gave at initialize, and its instructions. */
  get server(): { name: string; version: string; instructions: string } {
    const { name, version } = this.#client.getServerVersion() ?? { name: "?", version: "?" };
    return { name, version, instructions: this.#client.getInstructions() ?? "" };
  }

  async toolNames(): Promise<string[]> {
    const { tools } = await this.#client.listTools();
    return tools.map((tool) => tool.name);
  }

  /**
   * Calls a tool for its structured result.
   * @throws {ScriptError} with the server's error object when it answers with one
   */
  async call(
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    const answer = await this.#client.callTool({ name, arguments: { ...args } });
    if (answer.isError) throw new ScriptError(`${name} failed: ${JSON.stringify(answer.content)}`);
    const { structuredContent } = answer;
    if (!isRecord(structuredContent)) throw new ScriptError(`${name} gave no structured result`);
    return structuredContent;
  }

  /** Disconnects, and waits until the server's process has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}
